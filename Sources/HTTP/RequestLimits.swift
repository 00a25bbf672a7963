/// The limits of a request; the first excess is refused.
package enum RequestLimits {
  /// The method, in bytes; a longer one cannot be a known method: 501 (RFC 9112 §3).
  package static let methodBytes = 32
  /// The request target, in bytes: 414 above it.
  package static let targetBytes = 8 * 1024
  /// The whole head with its line ends and the final empty line, in bytes: 431 above it.
  package static let headBytes = 16 * 1024
  /// The header fields, counted by line: 431 above it.
  package static let fields = 100
  /// The body, in bytes, which is read and discarded: 413 above it.
  package static let bodyBytes = 64 * 1024
  /// How many items of a query are read; further ones are ignored.
  package static let queryItems = 32
}
