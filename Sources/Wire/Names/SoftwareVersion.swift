/// The version of the program at one end of a link, for logs and status pages: 1 to 64 bytes of printable ASCII.
package struct SoftwareVersion: Hashable, Sendable, CustomStringConvertible {
  /// The greatest length, in bytes.
  package static let maximumCount = 64

  /// The version.
  package let description: String

  /// Checks a version; nil if it is invalid.
  package init?(_ text: String) {
    guard (1...Self.maximumCount).contains(text.utf8.count) else { return nil }
    guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
    description = text
  }
}
