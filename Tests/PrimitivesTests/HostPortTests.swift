import Primitives
import Testing

@Suite struct HostPortTests {
  @Test(
    "A host and a port are printed as they were parsed",
    arguments: [
      "localhost:8010", "127.0.0.1:1", "hub-1.example.org:65535", "[::1]:8010", "[fe80::1%eth0]:80",
    ])
  func readsBack(text: String) throws {
    #expect(try HostPort(parsing: text).description == text)
  }

  @Test("An IPv6 address loses its brackets")
  func brackets() throws {
    let address = try HostPort(parsing: "[2001:db8::7]:443")
    #expect(address.host == "2001:db8::7")
    #expect(address.port == 443)
  }

  @Test(
    "Any other text is refused, with the reason",
    arguments: [
      ("", "has no port: write host:port"),
      ("localhost", "has no port: write host:port"),
      (":8010", "names no host before the port"),
      ("localhost:0", "has port 0, which accepts no connection"),
      ("localhost:65536", "has no port from 0 to 65535 at its end"),
      ("localhost:+80", "has no port from 0 to 65535 at its end"),
      ("localhost:", "has no port from 0 to 65535 at its end"),
      ("localhost:８０", "has no port from 0 to 65535 at its end"),
      ("::1:8010", "has more than one colon: an IPv6 address goes in brackets, as in [::1]:8001"),
      ("[localhost]:80", "has no IPv6 address in its brackets"),
      ("[::1:80", "has no IPv6 address in its brackets"),
      ("[::1%]:80", "has no IPv6 address in its brackets"),
      ("a b:80", "has no host name or address before the port"),
      ("-a:80", "has no host name or address before the port"),
      ("a/b:80", "has no host name or address before the port"),
    ])
  func refuses(text: String, reason: String) {
    #expect(throws: MalformedText(reason)) { try HostPort(parsing: text) }
  }

  @Test("A host name may have 253 bytes and no more")
  func longNames() {
    #expect(HostPort.isHost(String(repeating: "a", count: 253)))
    #expect(!HostPort.isHost(String(repeating: "a", count: 254)))
    #expect(!HostPort.isHost(""))
    #expect(HostPort.isHost("::1"))
  }
}
