import TestSupport

@testable import EdgeCore

/// The result of parsing a PROXY header that arrives in pieces.
private struct Outcome: Equatable {
  var header: ProxyHeader?
  var error: ProxyHeaderError?
  var taken = 0

  init(_ pieces: [ArraySlice<UInt8>]) {
    var parser = ProxyHeaderParser()
    for piece in pieces where header == nil && error == nil {
      var index = 0
      do throws(ProxyHeaderError) {
        header = try parser.parse(Array(piece).span, from: &index)
      } catch {
        self.error = error
      }
      taken += index
    }
  }
}

extension FuzzTarget {
  /// Any division gives the same; no header takes more bytes than the limit; an accepted address is what the bytes say, and
  /// its own spelling gives it again.
  static let proxy = FuzzTarget(
    name: "proxy", subject: "PROXY headers of both versions", sizeMaximum: 5_000, seeds: proxySeeds
  ) { bytes in
    let whole = Outcome([bytes[...]])
    for division in bytes.divisions {
      try demand(Outcome(division) == whole, "another result in pieces: \(Outcome(division)), not \(whole)")
    }
    let isLine = bytes.first == UInt8(ascii: "P")
    let limit = isLine ? ProxyHeaderParser.lineMaximum : ProxyHeaderParser.headerMaximum
    try demand(whole.taken <= limit, "\(whole.taken) bytes were taken")
    guard let header = whole.header else { return }
    try demand(
      Outcome([bytes[..<whole.taken]]) == whole, "the result depends on bytes after the header")
    try demand(
      Outcome([bytes[..<(whole.taken - 1)]]).header == nil, "the header was complete before its last byte")
    guard case .source(let address, let port) = header else { return }
    let isIPv6 = "\(address)".contains(":")
    let line =
      isIPv6 ? "PROXY TCP6 \(address) :: \(port) 1\r\n" : "PROXY TCP4 \(address) 0.0.0.0 \(port) 1\r\n"
    try demand(
      Outcome([Array(line.utf8)[...]]).header == header,
      "the address is not read again: \(line.debugDescription)")
    if !isLine {
      // The plain bytes of the protocol: after the fixed part, the source; after both addresses, its port.
      let count = bytes[13] >> 4 == 1 ? 4 : 16
      try demand(
        NetworkAddress(networkOrder: bytes[16..<16 + count]) == address
          && UInt16(bytes[16 + 2 * count]) << 8 | UInt16(bytes[17 + 2 * count]) == port,
        "\(address) and \(port) are not in the header")
    }
  }

  @Sendable private static func proxySeeds() -> [[UInt8]] {
    let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10] + Array("QUIT\n".utf8)
    let ipv4: [UInt8] = [203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x67, 0x1f, 0x41]
    let ipv6: [UInt8] =
      [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [7] + [UInt8](repeating: 0xfd, count: 16)
      + [0x12, 0x67, 0x1f, 0x41]
    let lines = [
      "PROXY TCP4 203.0.113.7 10.0.0.1 4711 8001\r\nGET / HTTP/1.1\r\n",
      "PROXY TCP6 2001:db8::7 ::1 4711 8001\r\n", "PROXY UNKNOWN\r\n",
      "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
      "PROXY TCP6 ::ffff:203.0.113.7 fe80::1 0 65535\r\n",
    ]
    return lines.map { Array($0.utf8) } + [
      signature + [0x21, 0x11, 0, 12] + ipv4, signature + [0x21, 0x21, 0, 36] + ipv6,
      signature + [0x20, 0, 0, 0], signature + [0x21, 0x11, 0, 19] + ipv4 + [3, 0, 4, 1, 2, 3, 4],
      signature + [0x21, 0x31, 0, 216] + [UInt8](repeating: 0x2f, count: 216), signature + [0x21, 0, 0, 0],
    ]
  }
}
