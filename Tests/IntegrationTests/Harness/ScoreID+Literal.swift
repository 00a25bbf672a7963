import Primitives

/// Allows literals such as `["1F4C2": 2]` for expected values.
extension ScoreID: ExpressibleByStringLiteral {
  /// The id with this text, which must be valid.
  package init(stringLiteral text: String) {
    do {
      try self.init(text)
    } catch {
      preconditionFailure("\(text) is no id: \(error)")
    }
  }
}
