import Primitives
import Reactor
import Testing
import Transport

@Suite("Addresses in settings")
struct SocketAddressListeningTests {
  private func addresses(_ text: String) throws -> [String] {
    try SocketAddress.all(of: ListenAddress(parsing: text)).map(\.description)
  }

  @Test(
    "A setting names one address, or those of both families without a host",
    arguments: [
      ("8001", ["0.0.0.0:8001", "[::]:8001"]),
      (":8001", ["0.0.0.0:8001", "[::]:8001"]),
      ("localhost:8001", ["127.0.0.1:8001", "[::1]:8001"]),
      ("127.0.0.1:8001", ["127.0.0.1:8001"]),
      ("[::1]:0", ["[::1]:0"]),
      ("unix:/run/edge.sock", ["unix:/run/edge.sock"]),
    ])
  func all(text: String, expected: [String]) throws {
    #expect(try addresses(text) == expected)
  }

  @Test("A name is refused: a listener depends on no name server")
  func name() {
    let error = #expect(throws: UnusableAddress.self) { try addresses("relay.example:8001") }
    #expect(error?.description == "'relay.example:8001' is neither a numeric address nor localhost")
  }

  @Test("An invalid unix socket path is refused here too")
  func longPath() {
    let error = #expect(throws: UnusableAddress.self) {
      try SocketAddress.all(of: .unix(path: "/" + String(repeating: "a", count: 107)))
    }
    #expect(error?.description.hasSuffix("is too long for a unix socket") == true)
  }

  @Test(
    "Addresses that only this machine can reach are local",
    arguments: [
      ("127.0.0.1", true), ("127.255.255.255", true), ("::1", true), ("0.0.0.0", false), ("128.0.0.1", false),
      ("12.7.0.1", false), ("::", false), ("2001:db8::1", false), ("::ffff:192.0.2.1", false),
    ])
  func isLocal(host: String, expected: Bool) throws {
    #expect(try #require(SocketAddress(numericHost: host, port: 1)).isLocal == expected)
  }

  @Test("A unix socket is local")
  func unixIsLocal() throws {
    #expect(try #require(SocketAddress(unixPath: "/run/edge.sock")).isLocal)
  }
}
