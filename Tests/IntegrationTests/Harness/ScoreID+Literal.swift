import Primitives

/// So that what is expected can be written as `["1F4C2": 2]`.
extension ScoreID: ExpressibleByStringLiteral {
  /// The id of this text, which is known when the test is written.
  public init(stringLiteral text: String) {
    do {
      try self.init(text)
    } catch {
      preconditionFailure("\(text) is no id: \(error)")
    }
  }
}
