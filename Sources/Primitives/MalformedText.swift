/// Why a text is not what it should be, in words for whoever wrote it.
public struct MalformedText: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reason, as the end of a sentence that begins with the text: `is not a port number`.
  public let description: String

  /// - Parameter description: the reason, as the end of a sentence that begins with the text.
  public init(_ description: String) {
    self.description = description
  }
}
