/// Why a text is invalid, in words for its author.
package struct MalformedText: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reason, as the end of a sentence that begins with the text: `is not a port number`.
  package let description: String

  /// - Parameter description: the reason, as the end of a sentence that begins with the text.
  package init(_ description: String) {
    self.description = description
  }
}
