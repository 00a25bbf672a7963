/// A numeric IPv4 or IPv6 address, without port and zone.
///
/// It is 16 bytes; an IPv4 address is kept as the IPv6 address that stands for it, `::ffff:192.0.2.1` (RFC 4291
/// §2.5.5.2). So a client is the same one whether it came through an IPv4 or a dual-stack listener.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
  /// The bits, the first of the text being the most significant.
  let bits: UInt128

  init(bits: UInt128) { self.bits = bits }

  /// An address in the order of the network, as sockets and headers hold it; nil if it is neither 4 nor 16 bytes.
  public init?(networkOrder bytes: some Collection<UInt8>) {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    bits = bytes.count == 4 ? Self.firstIPv4 | value : value
  }

  /// True for an IPv4 address, however it was written.
  public var isIPv4: Bool { bits >> 32 == Self.firstIPv4 >> 32 }

  /// The one spelling of the address that everybody is to use: RFC 5952 §4, and for an IPv4 address four numbers.
  public var description: String {
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

  /// The first of the longest runs; nil if no two zeros are neighbours, for one alone is written out.
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
