/// The value of a header field in a response: visible ASCII with single spaces inside, so that it can end neither its
/// line nor the head.
///
/// It comes from a literal or from the operator's configuration, never from a client.
package struct FieldValue: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The greatest length, in bytes.
  package static let maximumCount = 1024

  /// The value.
  package let description: String

  /// Checks a text that is not a literal: 1 to 1,024 bytes from `!` to `~`, and spaces that are neither first nor
  /// last.
  package init?(checking text: String) {
    let bytes = Array(text.utf8)
    guard (1...Self.maximumCount).contains(bytes.count), bytes.first != .space, bytes.last != .space,
      bytes.allSatisfy({ $0 >= .space && $0 < 0x7f })
    else { return nil }
    description = text
  }

  /// A value from a literal; an invalid one is a programming error.
  package init(stringLiteral text: String) {
    self.init(ours: text)
  }

  /// A value that this module makes and that is always valid.
  init(ours text: String) {
    guard let value = FieldValue(checking: text) else {
      preconditionFailure("a bad field value in our own code")
    }
    self = value
  }

  /// A number in decimal digits.
  package init(_ number: Int) {
    self.init(ours: String(number))
  }
}

/// A header field of a response.
package struct ResponseField: Equatable, Sendable {
  package let name: String
  package let value: FieldValue

  /// A field with a literal name.
  package init(_ name: StaticString, _ value: FieldValue) {
    self.name = name.description
    self.value = value
  }
}
