/// A numeric IPv4 or IPv6 address, without port and zone.
///
/// It takes 16 bytes. An IPv4 address is kept as its IPv4-mapped IPv6 address, `::ffff:192.0.2.1` (RFC 4291
/// §2.5.5.2). So a client is the same whether an IPv4 or a dual-stack listener accepted it.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
  /// The bits; the first one of the text is the most significant.
  let bits: UInt128

  init(bits: UInt128) { self.bits = bits }

  /// An address in network byte order, as in sockets and headers; nil unless it has 4 or 16 bytes.
  package init?(networkOrder bytes: some Collection<UInt8>) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    bits = bytes.count == 4 ? Self.firstIPv4 | value : value
  }

  /// Whether this is an IPv4 address, in either notation.
  package var isIPv4: Bool { bits >> 32 == Self.firstIPv4 >> 32 }

  /// The canonical text: RFC 5952 §4, and four numbers for an IPv4 address.
  package var description: String {
    if isIPv4 {
      return stride(from: UInt128(24), through: 0, by: -8).map {
        String(UInt8(truncatingIfNeeded: bits >> $0))
      }
      .joined(separator: ".")
    }
    let groups = stride(from: UInt128(112), through: 0, by: -16).map {
      UInt16(truncatingIfNeeded: bits >> $0)
    }
    guard let gap = Self.longestRunOfZeros(groups) else { return Self.text(groups[...]) }
    return Self.text(groups[..<gap.lowerBound]) + "::" + Self.text(groups[gap.upperBound...])
  }

  /// `::ffff:0.0.0.0`
  private static let firstIPv4: UInt128 = 0xffff << 32

  private static func text(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
  }

  /// The first of the longest runs of zeros; nil without two adjacent zeros, because a single zero is written out.
  private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
    var longest = 0..<1
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != 0 {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<index + 1
      }
    }
    return longest.count > 1 ? longest : nil
  }
}
