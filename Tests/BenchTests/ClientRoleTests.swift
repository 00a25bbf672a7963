import Testing

@testable import Bench

@Suite struct ClientRoleTests {
  @Test("There are as many of each role as requested, spread over the whole")
  func counts() {
    let counts = ClientCounts(clients: 1000, stalled: 100, slow: 50, vanishing: 30, storming: 20, passing: 5)
    let roles = counts.roles
    #expect(roles.count == 1005)
    #expect(roles.count { $0 == .stalled } == 100)
    #expect(roles.count { $0 == .slow } == 50)
    #expect(roles.count { $0 == .vanishing } == 30)
    #expect(roles.count { $0 == .storming } == 20)
    #expect(roles.count { $0 == .steady } == 800)
    #expect(roles.suffix(5).allSatisfy { $0 == .passing })
  }

  @Test("More special clients than clients are limited to all clients")
  func tooMany() {
    #expect(ClientCounts(clients: 10, stalled: 20).roles == Array(repeating: .stalled, count: 10))
  }

  @Test("Only clients that stay are compared, and only those that read little or nothing hold back")
  func kinds() {
    func all(isSummed: Bool, isResumable: Bool) -> [ClientRole] {
      ClientRole.allCases.filter { $0.getsAll(isSummed: isSummed, isResumable: isResumable) }
    }
    #expect(all(isSummed: false, isResumable: false) == [.steady])
    #expect(all(isSummed: true, isResumable: false) == [.steady, .stalled, .slow])
    #expect(all(isSummed: false, isResumable: true) == [.steady, .storming])
    #expect(all(isSummed: true, isResumable: true) == [.steady, .stalled, .slow, .storming])
    #expect(ClientRole.allCases.filter(\.isHeldBack) == [.stalled, .slow])
  }
}
