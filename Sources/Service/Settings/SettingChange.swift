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

extension Settings {
  /// The differences to other settings of the same declaration. Secret parts of a value are not compared.
  ///
  /// - Parameter changeable: the keys of the settings that can change while the process runs.
  /// - Returns: the changes that can take effect, and those that need a restart, in the order of their declaration.
  public func changes(
    to other: Settings, changeable: Set<String>
  ) -> (now: [SettingChange], later: [SettingChange]) {
    let changes = zip(rows, other.rows).filter { !$0.value.utf8.elementsEqual($1.value.utf8) }.map {
      before, after in
      SettingChange(key: before.key, before: before.value, after: after.value)
    }
    return (
      changes.filter { changeable.contains($0.key) }, changes.filter { !changeable.contains($0.key) }
    )
  }

  /// These settings, with some values taken from others.
  public func taking(_ keys: [String], from other: Settings) -> Settings {
    var values = values
    for key in keys { values[key] = other.values[key] }
    let rows = zip(rows, other.rows).map { keys.contains($0.key) ? $1 : $0 }
    return Settings(declaration: declaration, values: values, rows: rows)
  }
}
