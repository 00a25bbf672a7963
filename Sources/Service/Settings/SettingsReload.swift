#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The result of reading the configuration again while the process runs.
///
/// Nothing is in force before the executable says so: it may still find that it cannot use the new values.
package struct SettingsReload<Declaration: SettingsDeclaration>: Sendable {
  /// The settings to be in force: the old ones, with the new values of those that are reloadable.
  package let settings: Settings<Declaration>
  /// The changes that take effect, in the order of their declaration.
  package let applied: [SettingChange]
  /// The changes that need a restart, in the order of their declaration.
  package let postponed: [SettingChange]

  /// What was done, in sentences without secrets.
  ///
  /// - Parameter beginning: the first sentence, about what was read besides the settings.
  package func summary(after beginning: String) -> String {
    let changes = [("Changed", applied), ("Needs a restart", postponed)].filter { !$0.1.isEmpty }
      .map { "\($0): \($1.map(\.description).joined(separator: ", "))." }
    return ([beginning] + changes).joined(separator: " ")
  }
}

extension Settings {
  /// Reads the configuration of this process again.
  ///
  /// - Throws: what is wrong with it.
  package func reload() throws(SettingsExit) -> SettingsReload<Declaration> {
    reload(
      to: try .resolve(arguments: Program.arguments, environment: ProcessInfo.processInfo.environment))
  }

  /// The effect of other settings of the same declaration. Values are compared as they are displayed, so a secret
  /// part of a value is not compared.
  func reload(to other: Settings) -> SettingsReload<Declaration> {
    var settings = (values: values, rows: rows)
    var applied: [SettingChange] = []
    var postponed: [SettingChange] = []
    for (index, setting) in declaration.settings.enumerated() {
      let (before, after) = (rows[index], other.rows[index])
      guard !before.value.utf8.elementsEqual(after.value.utf8) else { continue }
      let change = SettingChange(key: before.key, before: before.value, after: after.value)
      guard setting.isReloadable else {
        postponed.append(change)
        continue
      }
      applied.append(change)
      settings.values[setting.key] = other.values[setting.key]
      settings.rows[index] = after
    }
    return SettingsReload(
      settings: Settings(declaration: declaration, values: settings.values, rows: settings.rows),
      applied: applied, postponed: postponed)
  }
}
