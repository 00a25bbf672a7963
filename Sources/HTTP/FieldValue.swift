/// The value of a header field that we send: visible ASCII and single spaces inside it, so that it can end neither
/// its line nor the head.
///
/// It is made from a literal or from what the operator configured, never from what a client sent.
public struct FieldValue: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The greatest length, in bytes.
  public static let maximumCount = 1024

  /// The value.
  public let description: String

  /// Checks a text that is not known when the program is written: 1 to 1,024 bytes from `!` to `~`, and spaces
  /// that are neither first nor last.
  public init?(checking text: String) {
    let bytes = Array(text.utf8)
    guard (1...Self.maximumCount).contains(bytes.count), bytes.first != .space, bytes.last != .space,
      bytes.allSatisfy({ $0 >= .space && $0 < 0x7f })
    else { return nil }
    description = text
  }

  /// A value that is known when the program is written.
  public init(stringLiteral text: String) {
    self.init(ours: text)
  }

  /// A value that our own code makes and that cannot be wrong.
  init(ours text: String) {
    guard let value = FieldValue(checking: text) else {
      preconditionFailure("a bad field value in our own code")
    }
    self = value
  }

  /// A number.
  public init(_ number: Int) {
    self.init(ours: String(number))
  }
}

/// A header field that we send.
public struct ResponseField: Equatable, Sendable {
  let name: String
  let value: FieldValue

  /// A field whose name is known when the program is written.
  public init(_ name: StaticString, _ value: FieldValue) {
    self.name = name.description
    self.value = value
  }
}
