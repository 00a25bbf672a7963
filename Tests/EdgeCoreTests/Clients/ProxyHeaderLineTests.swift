import EdgeCore
import Testing

/// Version 1 of the PROXY protocol.
@Suite struct ProxyHeaderLineTests {
  private static let request = Array("GET /subscribe/eps HTTP/1.1\r\n".utf8)

  @Test(
    "A line gives the source, and no byte after it is taken, however the bytes are divided",
    arguments: [
      ("TCP4 203.0.113.7 10.0.0.1 4711 8001", "203.0.113.7", 4711),
      ("TCP4 255.255.255.255 255.255.255.255 65535 65535", "255.255.255.255", 65535),
      ("TCP4 0.0.0.0 0.0.0.0 0 0", "0.0.0.0", 0),
      ("TCP6 2001:db8::7 ::1 4711 8001", "2001:db8::7", 4711),
      ("TCP6 2001:DB8:0:0:0:0:0:7 ::1 1 1", "2001:db8::7", 1),
      ("TCP6 ::ffff:203.0.113.7 ::ffff:10.0.0.1 1 1", "203.0.113.7", 1),
      (
        "TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535
      ),
    ])
  func source(words: String, source: String, port: UInt16) throws {
    let header = Array("PROXY \(words)\r\n".utf8)
    let outcome = ProxyOutcome(header + Self.request)
    #expect(outcome.header == .source(try address(source), port: port))
    #expect(outcome.taken == header.count)
    #expect(outcome.isTheSameForEverySplit(of: header + Self.request))
  }

  @Test(
    "An unknown source is accepted, whatever the rest of the line is",
    arguments: ["UNKNOWN", "UNKNOWN ", "UNKNOWN 1.2.3.4 nonsense", "UNKNOWN \u{1}\u{0} \u{ff}"])
  func unknown(words: String) {
    let header = Array("PROXY \(words)\r\n".utf8)
    let outcome = ProxyOutcome(header + Self.request)
    #expect(outcome.header == .unknown)
    #expect(outcome.taken == header.count)
    #expect(outcome.isTheSameForEverySplit(of: header + Self.request))
  }

  @Test("A line has at most 107 bytes", arguments: [-1, 0, 1, 1_000])
  func limit(excess: Int) {
    let start = "PROXY UNKNOWN "
    let padding = String(repeating: "x", count: 107 - 2 - start.utf8.count + excess)
    let bytes = Array("\(start)\(padding)\r\n".utf8)
    let outcome = ProxyOutcome(bytes)
    #expect(outcome.header == (excess > 0 ? nil : .unknown))
    #expect(outcome.error == (excess > 0 ? .lineTooLong : nil))
    #expect(outcome.taken == min(bytes.count, 107))
    #expect(outcome.isTheSameForEverySplit(of: bytes))
  }

  @Test(
    "A line that differs from the protocol's is an error, however the bytes are divided",
    arguments: [
      ("", ProxyHeaderError.malformedLine), (" TCP4 1.2.3.4 1.2.3.4 1 1", .malformedLine),
      ("TCP4", .malformedLine), ("TCP4 1.2.3.4 1.2.3.4 1", .malformedLine),
      ("TCP4 1.2.3.4 1.2.3.4 1 1 1", .malformedLine),
      ("TCP4 1.2.3.4 1.2.3.4 1 1 ", .malformedLine), ("TCP4  1.2.3.4 1.2.3.4 1 1", .malformedLine),
      ("TCP5 1.2.3.4 1.2.3.4 1 1", .malformedLine), ("tcp4 1.2.3.4 1.2.3.4 1 1", .malformedLine),
      ("UDP4 1.2.3.4 1.2.3.4 1 1", .malformedLine), ("UNKNOWNX", .malformedLine), ("unknown", .malformedLine),
      ("TCP4\t1.2.3.4\t1.2.3.4\t1\t1", .malformedLine),
      ("TCP4 01.2.3.4 1.2.3.4 1 1", .malformedAddress), ("TCP4 1.2.3.4 1.2.3.256 1 1", .malformedAddress),
      ("TCP4 ::1 ::1 1 1", .malformedAddress), ("TCP6 1.2.3.4 1.2.3.4 1 1", .malformedAddress),
      ("TCP6 ::1 1.2.3.4 1 1", .malformedAddress), ("TCP6 ::1 ::1::1 1 1", .malformedAddress),
      ("TCP4  1.2.3.4 1 1", .malformedAddress), ("TCP6 [::1] ::1 1 1", .malformedAddress),
      ("TCP4 1.2.3.4 1.2.3.4 65536 1", .malformedPort), ("TCP4 1.2.3.4 1.2.3.4 1 65536", .malformedPort),
      ("TCP4 1.2.3.4 1.2.3.4 01 1", .malformedPort), ("TCP4 1.2.3.4 1.2.3.4 1 +1", .malformedPort),
      ("TCP4 1.2.3.4 1.2.3.4  1", .malformedPort),
      ("TCP4 1.2.3.4 1.2.3.4 1 99999999999999999999", .malformedPort),
    ])
  func malformed(words: String, error: ProxyHeaderError) {
    let bytes = Array("PROXY \(words)\r\n".utf8)
    let outcome = ProxyOutcome(bytes)
    #expect(outcome.error == error)
    #expect(outcome.isTheSameForEverySplit(of: bytes))
  }

  @Test(
    "Only CR LF ends a line",
    arguments: [
      "PROXY UNKNOWN\n", "PROXY UNKNOWN\rX", "PROXY UNKNOWN\r\r\n", "PROXY UNKNOWN\nX\r\n", "PROXY \n",
    ])
  func lineEnds(text: String) {
    let outcome = ProxyOutcome(Array(text.utf8))
    #expect(outcome.error == .bareLineEnd)
    #expect(outcome.isTheSameForEverySplit(of: Array(text.utf8)))
  }

  @Test("An incomplete line is awaited, at any place")
  func incomplete() {
    let bytes = Array("PROXY TCP4 203.0.113.7 10.0.0.1 4711 8001\r\n".utf8)
    for count in 0..<bytes.count {
      let outcome = ProxyOutcome(Array(bytes[..<count]))
      #expect(outcome.header == nil && outcome.error == nil && outcome.taken == count)
    }
  }
}
