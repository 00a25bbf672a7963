/// A setting that was changed.
package struct SettingChange: Equatable, Sendable, CustomStringConvertible {
  /// Its key.
  package let key: String
  /// The old value, without secrets.
  package let before: String
  /// The new value, without secrets.
  package let after: String

  /// `retry from 3s to 5s`.
  package var description: String { "\(key) from \(before) to \(after)" }
}
