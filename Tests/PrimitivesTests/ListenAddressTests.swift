import Primitives
import Testing

@Suite struct ListenAddressTests {
  @Test("Every form of an address is parsed")
  func forms() throws {
    #expect(try ListenAddress(parsing: "127.0.0.1:8001") == .tcp(host: "127.0.0.1", port: 8001))
    #expect(try ListenAddress(parsing: "[::]:8001") == .tcp(host: "::", port: 8001))
    #expect(try ListenAddress(parsing: ":8001") == .tcp(host: nil, port: 8001))
    #expect(try ListenAddress(parsing: "8001") == .tcp(host: nil, port: 8001))
    #expect(try ListenAddress(parsing: "localhost:0") == .tcp(host: "localhost", port: 0))
    #expect(try ListenAddress(parsing: "unix:/run/edge.sock") == .unix(path: "/run/edge.sock"))
  }

  @Test(
    "An address is printed as it was parsed",
    arguments: ["127.0.0.1:8001", "[::1]:8001", ":8001", "unix:/run/a b,c.sock"])
  func readsBack(text: String) throws {
    #expect(try ListenAddress(parsing: text).description == text)
  }

  @Test(
    "Any other text is refused, with the reason",
    arguments: [
      ("", "has no port: write host:port"),
      ("65536", "has no port from 0 to 65535 at its end"),
      ("unix:", "names no path after unix:"),
      ("unix:/a\0b", "has a NUL in its path"),
      ("localhost", "has no port: write host:port"),
    ])
  func refuses(text: String, reason: String) {
    #expect(throws: MalformedText(reason)) { try ListenAddress(parsing: text) }
  }

  @Test("A unix path may have 107 bytes and no more")
  func longPaths() throws {
    _ = try ListenAddress(parsing: "unix:" + String(repeating: "a", count: 107))
    #expect(throws: MalformedText("has a path longer than 107 bytes")) {
      try ListenAddress(parsing: "unix:" + String(repeating: "a", count: 108))
    }
  }

  @Test("Several addresses are separated by commas, and none may occur twice")
  func lists() throws {
    let list = try ListenAddress.list(parsing: "127.0.0.1:8001, [::1]:8001,unix:/run/edge.sock")
    #expect(
      list == [
        .tcp(host: "127.0.0.1", port: 8001), .tcp(host: "::1", port: 8001), .unix(path: "/run/edge.sock"),
      ])
    #expect(throws: MalformedText("names :8001 twice")) { try ListenAddress.list(parsing: "8001,:8001") }
    #expect(throws: MalformedText("has no port: write host:port")) {
      try ListenAddress.list(parsing: "8001,")
    }
  }
}
