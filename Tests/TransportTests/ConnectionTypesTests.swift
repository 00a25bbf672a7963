import Reactor
import TLS
import Testing
import Transport

@Suite("Endpoints and reasons in words")
struct ConnectionTypesTests {
  @Test("An endpoint reads as it is written in a setting")
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
    #expect("\(DisconnectReason.tls(TLSFailure(.other, "bad record")))" == "bad record")
  }
}
