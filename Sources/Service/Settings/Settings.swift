/// A setting in force, as it is shown.
public struct SettingRow: Equatable, Sendable {
  /// Its key.
  public let key: String
  /// What it is set to, in the form in which it may be set, without secrets.
  public let value: String
  /// Where that came from.
  public let source: String
}

/// The settings of one executable: a type whose properties are its `Setting`s.
public protocol SettingsDeclaration: Sendable {
  /// The name of the command.
  static var command: String { get }
  /// What the command does: one sentence.
  static var purpose: String { get }
  /// What its help says besides; empty if nothing.
  static var notes: String { get }
  /// The declaration.
  init()
}

extension SettingsDeclaration {
  /// Nothing.
  public static var notes: String { "" }

  /// The settings, in the order of their declaration.
  public var settings: [any AnySetting] {
    Mirror(reflecting: self).children.compactMap { $0.value as? any AnySetting }
  }
}

/// The values in force for the settings of one executable.
///
/// They are properties with the names of the declaration's: where that says `let tick = Setting(…)`, `settings.tick`
/// is the value.
@dynamicMemberLookup
public struct Settings<Declaration: SettingsDeclaration>: Sendable {
  let declaration: Declaration
  let values: [String: any Sendable]
  /// The settings in force as they are shown, in the order of their declaration.
  public let rows: [SettingRow]

  /// The value of a setting.
  public subscript<Value>(dynamicMember path: KeyPath<Declaration, Setting<Value>>) -> Value {
    let key = declaration[keyPath: path].key
    guard let value = values[key] as? Value else {
      preconditionFailure("\(key) has no value of its type: its declaration is not constant")
    }
    return value
  }

  /// Finds the value of every setting: flags before environment before file before defaults.
  ///
  /// - Parameters:
  ///   - arguments: the command line without the name of the program.
  ///   - environment: the variables.
  /// - Throws: what to print and the status to end with: after `--help`, `--version` and `--print-config`, and if
  ///   anything is wrong; then it names everything that is.
  public static func resolve(arguments: [String], environment: [String: String]) throws(SettingsExit)
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
