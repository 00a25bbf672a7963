/// A setting that was changed.
public struct SettingChange: Equatable, Sendable, CustomStringConvertible {
  /// Its key.
  public let key: String
  /// The old value, without secrets.
  public let before: String
  /// The new value, without secrets.
  public let after: String

  /// `retry from 3s to 5s`.
  public var description: String { "\(key) from \(before) to \(after)" }
}
