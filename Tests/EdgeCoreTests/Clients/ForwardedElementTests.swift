import EdgeCore
import Testing

@Suite("Forwarded (RFC 7239)") struct ForwardedElementTests {
  private func client(_ forwarded: [String], list: [String] = [], peer: String = "10.0.0.1") throws -> String?
  {
    ForwardedFor.clientAddress(
      peer: try address(peer), fields: list, forwarded: forwarded,
      trusted: try NetworkList(parsing: "10.0.0.0/8, loopback"), trustsUnixPeer: false)?.description
  }

  @Test(
    "An element's for gives the client's address",
    arguments: [
      ("for=203.0.113.7", "203.0.113.7"), ("For=\"203.0.113.7:47011\"", "203.0.113.7"),
      ("for=203.0.113.7;proto=http;by=10.0.0.3", "203.0.113.7"),
      ("proto=https; FOR=\"[2001:db8::7]\" ; host=\"a;b,c\"", "2001:db8::7"),
      ("for=\"[2001:db8::7]:4711\"", "2001:db8::7"),
      ("host=\"a\\\",for=192.0.2.1;b\";for=203.0.113.7", "203.0.113.7"),
    ])
  func element(text: String, expected: String) throws {
    #expect(try client([text]) == expected)
  }

  @Test("Several trusted proxies are skipped, in one field or in several")
  func chain() throws {
    #expect(try client(["for=203.0.113.7, for=10.0.0.3;by=\"a,b\" ,for=10.0.0.2"]) == "203.0.113.7")
    #expect(try client(["for=203.0.113.7", "for=10.0.0.3,, for=10.0.0.2"]) == "203.0.113.7")
  }

  @Test(
    "A client's own text left of its address is not believed, not even with an unclosed quotation mark"
  )
  func spoofed() throws {
    #expect(try client(["for=203.0.113.7"], peer: "198.51.100.1") == "198.51.100.1")
    #expect(try client(["for=203.0.113.7, for=198.51.100.1"]) == "198.51.100.1")
    #expect(try client(["for=203.0.113.7", "for=198.51.100.1, for=10.0.0.2"]) == "198.51.100.1")
    #expect(try client(["for=203.0.113.7;host=\", for=198.51.100.1"]) == "198.51.100.1")
    #expect(try client(["for=\"203.0.113.7\\, for=198.51.100.1, for=10.0.0.2"]) == "198.51.100.1")
  }

  @Test(
    "An element without an address ends the walk",
    arguments: [
      "for=unknown", "for=_hidden", "for=\"_gazonk\"", "proto=http", "203.0.113.7", "for", "for=", "for=\"",
      "for=\"203.0.113.7", "for=203.0.113.7;for=203.0.113.8", "for=2001:db8::7", "for=\"2001:db8::7:80\"",
      "for=\"[203.0.113.7]\"", "for=\"203.0.113.\\7\"", "for = 203.0.113.7", "xfor=203.0.113.7",
    ])
  func garbage(element: String) throws {
    #expect(try client([element]) == "10.0.0.1")
    #expect(try client(["for=203.0.113.7", element, "for=10.0.0.2"]) == "10.0.0.2")
  }

  @Test("With X-Forwarded-For, only that field counts")
  func both() throws {
    #expect(try client(["for=203.0.113.7"], list: ["203.0.113.8"]) == "203.0.113.8")
    #expect(try client(["for=203.0.113.7"], list: ["unknown"]) == "10.0.0.1")
  }

  @Test("At most 32 elements and 2,048 bytes are examined")
  func limits() throws {
    let proxies = (1...32).reversed().map { "for=10.0.1.\($0)" }
    #expect(try client(["for=203.0.113.7"] + proxies) == "10.0.1.32")
    #expect(try client(["for=203.0.113.7"] + proxies.dropFirst()) == "203.0.113.7")
    let padding = String(repeating: "x", count: 2_048)
    #expect(try client(["for=203.0.113.7;host=\(padding)", "for=10.0.0.2"]) == "10.0.0.2")
    #expect(try client(["for=203.0.113.7;host=\"\(padding)\", for=10.0.0.2"]) == "10.0.0.2")
  }
}
