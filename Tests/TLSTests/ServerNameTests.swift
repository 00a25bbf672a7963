import TLS
import Testing

@Suite("A server name")
struct ServerNameTests {
  @Test(
    "DNS names are accepted unchanged",
    arguments: ["localhost", "Hub.Example.org", "redis_1", "a-b.c", "1.example"])
  func names(text: String) throws {
    let name = try #require(ServerName(text))
    #expect(name.description == text)
    #expect(!name.isAddress)
  }

  @Test("Addresses are recognized", arguments: ["127.0.0.1", "::1", "2001:db8::17"])
  func addresses(text: String) throws {
    #expect(try #require(ServerName(text)).isAddress)
  }

  @Test(
    "Names that no certificate can contain are refused",
    arguments: [
      "", ".", "hub.", ".hub", "a..b", "[::1]", "hub:8010", "1.2.3", "999.1.1.1", "hub example",
      "hub\u{0}.example",
      "::1\u{0}", "*.example", "hüb", String(repeating: "a", count: 254),
    ])
  func refused(text: String) {
    #expect(ServerName(text) == nil)
  }
}
