import EdgeCore
import Primitives
import Testing

@Suite struct NetworkListTests {
  @Test("A list contains the addresses of its networks")
  func contains() throws {
    let list = try NetworkList(parsing: "10.0.0.0/8, 192.0.2.1,2001:db8::/32")
    for text in ["10.1.2.3", "192.0.2.1", "2001:db8::1"] { #expect(try list.contains(address(text))) }
    for text in ["11.1.2.3", "192.0.2.2", "2001:db9::1", "::1"] { #expect(try !list.contains(address(text))) }
    #expect(list.description == "10.0.0.0/8, 192.0.2.1, 2001:db8::/32")
    #expect(try NetworkList(parsing: list.description) == list)
  }

  @Test("The word loopback stands for the loopback addresses")
  func loopback() throws {
    let list = try NetworkList(parsing: "192.0.2.1, loopback")
    for text in ["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1", "192.0.2.1"] {
      #expect(try list.contains(address(text)))
    }
    for text in ["126.255.255.255", "128.0.0.0", "::", "::2", "::127.0.0.1"] {
      #expect(try !list.contains(address(text)))
    }
    #expect(list.description == "192.0.2.1, 127.0.0.0/8, ::1")
  }

  @Test("The empty text is the empty list", arguments: ["", "  "])
  func empty(text: String) throws {
    #expect(try NetworkList(parsing: text) == .empty)
    #expect(try !NetworkList.empty.contains(address("127.0.0.1")))
    #expect(NetworkList.empty.description.isEmpty)
  }

  @Test("The error names the faulty entry")
  func malformed() {
    #expect(
      throws: MalformedText(
        "has the entry '10.0.0.1/8', which has bits set after the first 8: write 10.0.0.0/8, or 10.0.0.1 for it alone"
      )
    ) { try NetworkList(parsing: "::1, 10.0.0.1/8") }
    for text in [",", "::1,", ",::1", "::1,,::2", "Loopback", "loopback/8", "::1 ::2", "::1;::2", "\t::1"] {
      #expect(throws: MalformedText.self) { try NetworkList(parsing: text) }
    }
  }

  @Test("A list has at most 256 networks", arguments: [-1, 0, 1])
  func limit(excess: Int) throws {
    let text = (0..<256 + excess).map { "10.0.\($0 / 256).\($0 % 256)" }.joined(separator: ",")
    if excess > 0 {
      #expect(throws: MalformedText("names 257 networks: 256 are allowed")) { try NetworkList(parsing: text) }
    } else {
      #expect(try NetworkList(parsing: text).contains(address("10.0.0.254")))
    }
  }
}
