/// The 24 bytes with which an HTTP/2 client begins (RFC 9113 §3.4). They are no HTTP/1 request, so they tell the two
/// protocols apart on one port.
package struct ConnectionPreface: Equatable, Sendable {
  /// The bytes.
  package static let bytes = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// How many bytes have matched.
  package private(set) var matchedCount = 0

  /// A preface whose first byte has not arrived.
  package init() {}

  /// Compares received bytes.
  ///
  /// - Parameters:
  ///   - bytes: the received bytes.
  ///   - index: where to begin in them; advanced past the last byte that matches.
  /// - Returns: true once the preface is complete, false at the first byte that does not match; nil if more bytes are
  ///   needed.
  package mutating func match(_ bytes: Span<UInt8>, from index: inout Int) -> Bool? {
    while index < bytes.count {
      guard bytes[index] == Self.bytes[matchedCount] else { return false }
      matchedCount += 1
      index += 1
      if matchedCount == Self.bytes.count { return true }
    }
    return nil
  }
}
