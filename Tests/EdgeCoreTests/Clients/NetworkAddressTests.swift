import EdgeCore
import Primitives
import TestSupport
import Testing

func address(_ text: String) throws -> NetworkAddress { try NetworkAddress(parsing: text) }

@Suite struct NetworkAddressTests {
  @Test(
    "An address has one canonical text (RFC 5952 §4)",
    arguments: [
      ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"),
      ("2001:db8::0:1", "2001:db8::1"),
      ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
      ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
      ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:AAAA", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
      ("0:0:0:0:0:0:0:0", "::"), ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0::1", "::1"),
      ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
      ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"), ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
      ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("::192.0.2.1", "::c000:201"),
      ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
      ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:201", "192.0.2.1"),
      ("0:0:0:0:0:ffff:255.255.255.255", "255.255.255.255"), ("0.0.0.0", "0.0.0.0"),
      ("192.0.2.1", "192.0.2.1"),
    ])
  func spelling(text: String, canonical: String) throws {
    #expect(try address(text).description == canonical)
    #expect(try address(canonical) == address(text))
  }

  @Test(
    "A text that is not exactly an address is an error",
    arguments: [
      "", " ", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.00",
      "1.2.3.", ".1.2.3",
      "1..2.3", "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "-1.2.3.4", "0x1.2.3.4", "1.2.3.4/8", "1.2.3.4:80",
      "3232235777",
      "1.2.3.1000000000000",
      "::1%lo", "fe80::1%1", "[::1]", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "1::2::3",
      "::1::",
      "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8::", ":1::2", "1::2:", "12345::", "g::", "::+1",
      "::-1",
      "::0x1", "1.2.3.4::", "::1.2.3.4:1", "::1.2.3", "::01.2.3.4", "::1.2.3.4.5", "1:2:3:4:5:6:7:1.2.3.4",
      "::ffff:1.2.3.256", "loopback", "localhost", "::\u{0661}", "１.2.3.4", "1.2.3.4\0",
      "0000:0000:0000:0000:0000:ffff:192.168.100.228:1", String(repeating: ":", count: 10_000),
    ])
  func malformed(text: String) {
    #expect(throws: MalformedText("is not a numeric IPv4 or IPv6 address")) { try address(text) }
  }

  @Test("The longest text is read")
  func longest() throws {
    let text = "0000:0000:0000:0000:0000:ffff:192.168.100.228"
    #expect(text.utf8.count == 45)
    #expect(try address(text).description == "192.168.100.228")
  }

  @Test("An IPv4 address is the same in either family, and no other address is IPv4")
  func mapped() throws {
    #expect(try address("::ffff:127.0.0.1") == address("127.0.0.1"))
    #expect(try address("127.0.0.1").isIPv4 && address("::ffff:0:0").isIPv4)
    #expect(try !address("::127.0.0.1").isIPv4 && !address("::1:0:0:0").isIPv4)
    #expect(try !address("1::ffff:127.0.0.1").isIPv4)
  }

  @Test("Four or sixteen bytes of a socket are an address, other lengths are not")
  func networkOrder() throws {
    #expect(NetworkAddress(networkOrder: [192, 0, 2, 1] as [UInt8]) == (try address("192.0.2.1")))
    let bytes: [UInt8] = [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
    #expect(NetworkAddress(networkOrder: bytes) == (try address("2001:db8::1")))
    for count in 0...20 where count != 4 && count != 16 {
      #expect(NetworkAddress(networkOrder: [UInt8](repeating: 1, count: count)) == nil)
    }
  }

  @Test(
    "A port after an address is checked and dropped",
    arguments: [
      ("1.2.3.4", "1.2.3.4"), ("1.2.3.4:567", "1.2.3.4"), ("1.2.3.4:0", "1.2.3.4"),
      ("1.2.3.4:65535", "1.2.3.4"),
      ("::1", "::1"), ("[::1]", "::1"), ("[::1]:567", "::1"), ("[::ffff:1.2.3.4]:1", "1.2.3.4"),
      ("::1:567", "::1:567"),
    ])
  func withPort(text: String, expected: String) throws {
    #expect(try NetworkAddress(parsingWithPort: text).description == expected)
  }

  @Test(
    "A text that is not exactly an address and a port is an error",
    arguments: [
      "", ":", ":80", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:080", "1.2.3.4:+1", "1.2.3.4:8:0", "1.2.3.4:http",
      "[::1",
      "::1]", "[]", "[]:1", "[1.2.3.4]", "[1.2.3.4]:1", "[::1]1", "[::1]:", "[::1]:65536", "[::1]:01",
      "[::1%1]:1",
      "[[::1]]", "[::1]:1 ", "unknown", "_hidden", "unix:", "\"[::1]:1\"",
    ])
  func malformedWithPort(text: String) {
    #expect(throws: MalformedText.self) { try NetworkAddress(parsingWithPort: text) }
  }

  @Test("Every address can be read from its text, and random texts do not trap")
  func fuzz() throws {
    let seed: UInt64 = 5952
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2_000 {
      // Mostly zeros, so that there are runs of them.
      let bytes = (0..<16).map { _ in
        Int.random(in: 0..<4, using: &random) == 0 ? UInt8.random(in: 0...255, using: &random) : 0
      }
      let value = try #require(NetworkAddress(networkOrder: bytes))
      #expect(try address(value.description) == value, "seed \(seed)")
    }
    let alphabet = Array("0123456789abcdefF::::....[]%/ ".utf8)
    var accepted = 0
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...20, using: &random)
      let text = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      guard let value = try? NetworkAddress(parsingWithPort: String(decoding: text, as: UTF8.self)) else {
        continue
      }
      accepted += 1
      #expect(try address(value.description) == value, "seed \(seed)")
    }
    #expect(accepted > 0)
  }
}
