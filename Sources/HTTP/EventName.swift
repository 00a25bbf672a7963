import Primitives

/// Why bytes are not an ``EventName`` or an ``EventID``.
package enum EventFieldError: String, Error, Equatable, Sendable {
  case empty
  case tooLong
  /// A byte that the field may not contain.
  case forbiddenByte
}

/// The name of an event: 1 to 128 bytes of `[A-Za-z0-9._-]`.
///
/// Names come from Redis, where a channel may contain any byte. A line end in a name could forge fields, so other
/// bytes are refused rather than repaired.
package struct EventName: Equatable, Sendable {
  /// The greatest length, in bytes.
  package static let maximumCount = 128

  let utf8: [UInt8]

  /// Checks the bytes, and keeps a copy.
  package init(_ bytes: some Collection<UInt8>) throws(EventFieldError) {
    utf8 = try checked(bytes, maximumCount: Self.maximumCount) {
      $0.isASCIIAlphanumeric || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
  }
}

/// The id of an event, which a client sends back as `Last-Event-ID`: 1 to 128 bytes of `[A-Za-z0-9:-]`.
package struct EventID: Equatable, Sendable {
  /// The greatest length, in bytes.
  package static let maximumCount = 128

  let utf8: [UInt8]

  /// Checks the bytes, and keeps a copy.
  package init(_ bytes: some Collection<UInt8>) throws(EventFieldError) {
    utf8 = try checked(bytes, maximumCount: Self.maximumCount) {
      $0.isASCIIAlphanumeric || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "-")
    }
  }
}

private func checked(
  _ bytes: some Collection<UInt8>, maximumCount: Int, isAllowed: (UInt8) -> Bool
) throws(EventFieldError) -> [UInt8] {
  guard !bytes.isEmpty else { throw .empty }
  guard bytes.count <= maximumCount else { throw .tooLong }
  guard bytes.allSatisfy(isAllowed) else { throw .forbiddenByte }
  return Array(bytes)
}
