import Primitives

/// So that what is expected can be written as `["1F4C2": 2]`.
extension ScoreID: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) {
    do {
      try self.init(text)
    } catch {
      preconditionFailure("\(text) is no id: \(error)")
    }
  }
}
