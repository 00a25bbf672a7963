/// A setting in force, for display.
package struct SettingRow: Equatable, Sendable {
  /// Its key.
  package let key: String
  /// Its value, in the form of a source, without secrets.
  package let value: String
  /// The source of the value.
  package let source: String
}

/// The settings of one executable: a type whose properties are its `Setting`s.
package protocol SettingsDeclaration: Sendable {
  /// The name of the command.
  static var command: String { get }
  /// The command's purpose, in one sentence.
  static var purpose: String { get }
  /// Further text for its help; may be empty.
  static var notes: String { get }
  /// Creates the declaration.
  init()
}

extension SettingsDeclaration {
  /// No further text.
  package static var notes: String { "" }

  /// The settings, in the order of their declaration.
  package var settings: [any AnySetting] {
    Mirror(reflecting: self).children.compactMap { $0.value as? any AnySetting }
  }
}

/// The values in force for the settings of one executable.
///
/// They are available under the names of the declaration's properties: for `let tick = Setting(…)`, `settings.tick`
/// is the value.
@dynamicMemberLookup
package struct Settings<Declaration: SettingsDeclaration>: Sendable {
  /// A declaration takes kilobytes, so it is shared by all copies of the settings.
  private final class Shared: Sendable {
    let declaration: Declaration

    init(_ declaration: Declaration) { self.declaration = declaration }
  }

  private let shared: Shared
  let values: [String: any Sendable]
  /// The settings in force, for display, in the order of their declaration.
  package let rows: [SettingRow]

  init(declaration: Declaration, values: [String: any Sendable], rows: [SettingRow]) {
    shared = Shared(declaration)
    self.values = values
    self.rows = rows
  }

  var declaration: Declaration { shared.declaration }

  /// The value of a setting.
  package subscript<Value>(dynamicMember path: KeyPath<Declaration, Setting<Value>>) -> Value {
    let key = shared.declaration[keyPath: path].key
    guard let value = values[key] as? Value else {
      preconditionFailure("\(key) has no value of its type: its declaration is not constant")
    }
    return value
  }

  /// Determines the value of every setting: flags before environment before file before defaults.
  ///
  /// - Parameters:
  ///   - arguments: the command line without the name of the program.
  ///   - environment: the variables.
  /// - Throws: the text to print and the exit status: after `--help`, `--version` and `--print-config`, and for
  ///   errors, all of which it names.
  package static func resolve(arguments: [String], environment: [String: String]) throws(SettingsExit)
    -> Settings
  {
    let flags = try SettingFlags<Declaration>.read(arguments)
    var resolution = SettingsResolution(Declaration().settings)
    let file = flags.file.flatMap { resolution.open($0) }
    let sources = SettingSources(
      settings: resolution.settings, flags: flags.texts, environment: environment, file: file)
    resolution.resolve(from: sources, file: file)
    if !resolution.problems.isEmpty {
      throw SettingsExit(resolution.problems, command: Declaration.command)
    }
    if flags.printsConfiguration { throw SettingsExit(status: 0, text: resolution.listing) }
    return Settings(declaration: Declaration(), values: resolution.values, rows: resolution.rows)
  }
}
