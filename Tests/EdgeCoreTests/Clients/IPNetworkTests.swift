import EdgeCore
import Primitives
import Testing

@Suite struct NetworkTests {
  @Test(
    "A network contains the addresses from its first to its last, and no others",
    arguments: [
      ("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
      ("192.0.2.128/25", "192.0.2.128", "192.0.2.255", "192.0.2.127", "192.0.3.0"),
      ("192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.0", "192.0.2.2"),
      ("192.0.2.2/31", "192.0.2.2", "192.0.2.3", "192.0.2.1", "192.0.2.4"),
      (
        "2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff::",
        "2001:db9::"
      ),
      ("::1/128", "::1", "::1", "::", "::2"),
      ("fe80::/10", "fe80::", "febf::1", "fe7f::1", "fec0::"),
      ("2001:db8::8/125", "2001:db8::8", "2001:db8::f", "2001:db8::7", "2001:db8::10"),
      ("::ffff:10.0.0.0/104", "10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"),
    ])
  func contains(text: String, first: String, last: String, below: String, above: String) throws {
    let network = try IPNetwork(parsing: text)
    #expect(try network.contains(address(first)) && network.contains(address(last)))
    #expect(try !network.contains(address(below)) && !network.contains(address(above)))
  }

  @Test("The network of all addresses of one family contains none of the other")
  func families() throws {
    let ipv4 = try IPNetwork(parsing: "0.0.0.0/0")
    let ipv6 = try IPNetwork(parsing: "::/0")
    for text in ["0.0.0.0", "127.0.0.1", "255.255.255.255"] {
      #expect(try ipv4.contains(address(text)) && !ipv6.contains(address(text)))
    }
    for text in ["::", "::1", "::fffe:ffff:ffff", "::1:0:0:0", "ffff::"] {
      #expect(try !ipv4.contains(address(text)) && ipv6.contains(address(text)))
    }
  }

  @Test(
    "The text of a network is the shortest one that parses to it",
    arguments: [
      ("10.0.0.0/8", "10.0.0.0/8"), ("10.0.0.1/32", "10.0.0.1"), ("::1/128", "::1"),
      ("2001:DB8::/32", "2001:db8::/32"),
      ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"), ("::/95", "::/95"),
    ])
  func description(text: String, expected: String) throws {
    let network = try IPNetwork(parsing: text)
    #expect(network.description == expected)
    #expect(try IPNetwork(parsing: expected) == network)
  }

  @Test(
    "For an address inside a network, the error names both remedies",
    arguments: [
      ("10.0.0.1/8", "has bits set after the first 8: write 10.0.0.0/8, or 10.0.0.1 for it alone"),
      ("192.0.2.255/0", "has bits set after the first 0: write 0.0.0.0/0, or 192.0.2.255 for it alone"),
      (
        "2001:db8::1/127",
        "has bits set after the first 127: write 2001:db8::/127, or 2001:db8::1 for it alone"
      ),
    ])
  func hostBits(text: String, reason: String) {
    #expect(throws: MalformedText(reason)) { try IPNetwork(parsing: text) }
  }

  @Test(
    "A prefix length that is not a number in its range is an error",
    arguments: [
      ("10.0.0.0/33", 32), ("10.0.0.0/", 32), ("10.0.0.0/08", 32), ("10.0.0.0/+8", 32), ("10.0.0.0/-1", 32),
      ("10.0.0.0/255.0.0.0", 32), ("::/129", 128), ("::1/", 128), ("::/99999999999999999999", 128),
      ("::/ 0", 128),
    ])
  func prefix(text: String, maximum: Int) {
    #expect(throws: MalformedText("has no number from 0 to \(maximum) after its slash")) {
      try IPNetwork(parsing: text)
    }
  }

  @Test(
    "A text that is no address is no network",
    arguments: ["", "/", "/8", "10/8", "10.0.0.0/8/8", "::1%lo/128", "[::1]/128"])
  func malformed(text: String) {
    #expect(throws: MalformedText.self) { try IPNetwork(parsing: text) }
  }
}
