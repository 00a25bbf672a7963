import TLS
import Testing
import Wire

@Suite("Session tickets") struct TicketLifetimeTests {
  @Test("A client is told that its ticket lives as long as the hubs' keys open it")
  func lifetime() {
    #expect(TicketKeys.ticketLifetime == SharedTicketKeys.ticketLifetime)
  }
}
