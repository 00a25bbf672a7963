/// Why a text is invalid, in words for its author.
public struct MalformedText: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reason, as the end of a sentence that begins with the text: `is not a port number`.
  public let description: String

  /// - Parameter description: the reason, as the end of a sentence that begins with the text.
  public init(_ description: String) {
    self.description = description
  }
}
