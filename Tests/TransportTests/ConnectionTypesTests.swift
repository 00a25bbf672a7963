import TLS
import Testing

@testable import Reactor
@testable import Transport

@Suite("Texts of endpoints and reasons")
struct ConnectionTypesTests {
  @Test("An endpoint's text is that of a setting")
  func endpoints() {
    #expect(Endpoint.tcp(host: "relay.example", port: 8010).description == "relay.example:8010")
    #expect(Endpoint.tcp(host: "::1", port: 8010).description == "[::1]:8010")
    #expect(Endpoint.unix(path: "/run/redis.sock").description == "unix:/run/redis.sock")
  }

  @Test("A reason is a clause for a log line")
  func reasons() {
    #expect("\(DisconnectReason.peerClosed)" == "the peer closed the connection")
    #expect("\(DisconnectReason.timedOut)" == "not connected in time")
    #expect(
      "\(DisconnectReason.system(SystemError(call: "connect", code: 111)))" == "connect: Connection refused")
    #expect(
      "\(DisconnectReason.unresolved(ResolutionError(host: "relay.example", reason: "Name or service not known")))"
        == "name not resolved: relay.example: Name or service not known")
    let overdue = ResolutionError(host: "relay.example", reason: "no answer within 30 s", isOverdue: true)
    #expect(
      "\(DisconnectReason.unresolved(overdue))"
        == "name not resolved in time: relay.example: no answer within 30 s")
    #expect("\(DisconnectReason.tls(TLSFailure(.other, "bad record")))" == "bad record")
  }

  @Test(
    "For an unreachable peer, each address is named with its failure, independent of the order of attempts"
  )
  func unreachable() throws {
    let silent = UnreachablePeer.Attempt(
      address: try #require(SocketAddress(numericHost: "2001:db8::1", port: 8010)), failure: nil)
    let refusing = UnreachablePeer.Attempt(
      address: try #require(SocketAddress(numericHost: "192.0.2.1", port: 8010)),
      failure: SystemError(call: "connect", code: 111))
    let words = "192.0.2.1:8010 (connect: Connection refused), [2001:db8::1]:8010 (no answer)"
    for attempts in [[silent, refusing], [refusing, silent]] {
      let peer = UnreachablePeer(attempts: attempts, untried: 0)
      #expect("\(DisconnectReason.unreachable(peer))" == "no connection to \(words)")
    }
    let more = UnreachablePeer(attempts: [silent, refusing], untried: 3)
    #expect(more.description == "no connection to \(words), and 3 more that were not tried")
  }
}
