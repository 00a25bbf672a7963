import COpenSSL

/// The name that a server's certificate must be valid for: a DNS name or an IP address.
///
/// A client always gives the name of its server: a session without a name to check would trust every certificate of
/// the authority.
package struct ServerName: Hashable, Sendable, CustomStringConvertible {
  /// The greatest length, in bytes (RFC 1035, section 2.3.4, without the final dot).
  package static let maximumCount = 253

  /// The name or address.
  package let description: String

  /// True for an IP address: it is compared with the certificate's addresses, and never sent as a server name (RFC
  /// 6066, section 3).
  package let isAddress: Bool

  /// Checks a name; nil unless it is an IPv4 address, an IPv6 address without brackets, or labels of letters,
  /// digits, `-` and `_` with single dots between them.
  package init?(_ text: String) {
    guard (1...Self.maximumCount).contains(text.utf8.count) else { return nil }
    description = text
    isAddress = text.utf8.contains(UInt8(ascii: ":")) || text.utf8.allSatisfy { Self.isDigitOrDot($0) }
    if isAddress {
      guard !text.utf8.contains(0), let address = unsafe a2i_IPADDRESS(text) else {
        ERR_clear_error()
        return nil
      }
      unsafe ASN1_OCTET_STRING_free(address)
    } else {
      let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy { Self.isNameByte($0) } }) else { return nil }
    }
  }

  private static func isDigitOrDot(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
