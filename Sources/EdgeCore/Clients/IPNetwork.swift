import Primitives

/// The addresses that share a prefix, written `10.0.0.0/8` (RFC 4632 §3.1, RFC 4291 §2.3), or a single address.
///
/// A network of one family contains no address of the other: `::/0` is all of IPv6 and nothing of IPv4.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
  private let first: NetworkAddress
  /// The length of the prefix in bits, of 128.
  private let prefixCount: Int

  private init(first: NetworkAddress, prefixCount: Int) {
    self.first = first
    self.prefixCount = prefixCount
  }

  /// The network of an address, with all bits after the prefix cleared.
  ///
  /// - Parameter prefixCount: the length of the prefix in an IPv6 address, 0 to 128.
  init(around address: NetworkAddress, prefixCount: Int) {
    first = NetworkAddress(bits: address.bits & ~Self.hostMask(prefixCount))
    self.prefixCount = prefixCount
  }

  /// Reads an address, or a network as its first address, a slash and the prefix length (IPv4: 0 to 32, IPv6: 0 to
  /// 128).
  ///
  /// An address inside a network is an error, because it is unclear whether the address or the network was meant.
  package init(parsing text: String) throws(MalformedText) {
    let parts = Array(text.utf8).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let address = NetworkAddress(parts[0]), parts.count <= 2 else {
      throw MalformedText("is not an address or network: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32")
    }
    guard parts.count == 2 else {
      self.init(first: address, prefixCount: 128)
      return
    }
    // The bits of an IPv4 address are the last 32 of the 128. `::ffff:10.0.0.0/104` is written as IPv6 and counts all
    // 128.
    let written = parts[0].contains(.colon) ? 128 : 32
    guard let count = parts[1].decimalValue(maximum: written) else {
      throw MalformedText("has no number from 0 to \(written) after its slash")
    }
    self.init(around: address, prefixCount: count + 128 - written)
    guard first == address else {
      throw MalformedText("has bits set after the first \(count): write \(self), or \(address) for it alone")
    }
  }

  /// Whether the address is in the network.
  package func contains(_ address: NetworkAddress) -> Bool {
    address.isIPv4 == isIPv4 && address.bits & ~Self.hostMask(prefixCount) == first.bits
  }

  /// A text that parses to this value.
  package var description: String {
    prefixCount == 128 ? "\(first)" : "\(first)/\(isIPv4 ? prefixCount - 96 : prefixCount)"
  }

  private var isIPv4: Bool { prefixCount >= 96 && first.isIPv4 }

  private static func hostMask(_ prefixCount: Int) -> UInt128 {
    // A shift by the whole width gives zero.
    UInt128.max >> UInt128(prefixCount)
  }
}
