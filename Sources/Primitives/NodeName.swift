/// The name of a hub or an edge, as in its certificate: a host name in the sense of RFC 1123, in lower case.
///
/// 1 to 63 bytes of `[a-z0-9.-]` that begin and end with a letter or a digit.
package struct NodeName: Hashable, Sendable, CustomStringConvertible, Comparable {
  /// The greatest length, in bytes.
  package static let maximumCount = 63

  /// The name.
  package let description: String

  /// Checks a name, converted to lower case; nil if it is invalid.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard (1...Self.maximumCount).contains(bytes.count), let first = bytes.first, let last = bytes.last,
      first.isASCIIAlphanumeric, last.isASCIIAlphanumeric,
      bytes.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
    else { return nil }
    // Not `lowercased()`: that also maps letters of other scripts to ASCII, such as the kelvin sign.
    description = String(decoding: bytes.map { $0.isASCIILetter ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  /// The order of the text.
  package static func < (left: NodeName, right: NodeName) -> Bool { left.description < right.description }
}
