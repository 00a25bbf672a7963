import ArgumentParser

/// The command line of an executable, as swift-argument-parser sees it: one option for each of its settings.
///
/// The options come from the declaration instead of being properties, so that a setting is declared once: the parser
/// asks the mirror of a type for its options, and this type answers with those of its settings.
struct SettingFlags<Declaration: SettingsDeclaration>: ParsableCommand, CustomReflectable {
  /// `--config`: the configuration file.
  private(set) var file: String?
  /// `--print-config`: show the settings in force, and end.
  private(set) var printsConfiguration = false
  /// The texts of the options, by the key of their setting.
  private(set) var texts: [String: String] = [:]

  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Declaration.command, abstract: Declaration.purpose,
      discussion: """
        Each setting comes from its flag, else from its environment variable, else from the configuration file, \
        else it has its default. In the file, the setting of --log-level is called log.level.\
        \(Declaration.notes.isEmpty ? "" : "\n\n" + Declaration.notes)
        """,
      version: "\(Declaration.command) \(ServiceVersion.current)")
  }

  init() {}

  /// Parses a command line.
  static func read(_ arguments: [String]) throws(SettingsExit) -> SettingFlags {
    do {
      return try parse(arguments)
    } catch {
      throw SettingsExit(error, of: Self.self)
    }
  }

  var customMirror: Mirror {
    let file = Option<String?>(
      name: .customLong("config"),
      help: ArgumentHelp(
        "The configuration file: a JSON object of settings by their names.", valueName: "file"))
    let printsConfiguration = Flag(
      wrappedValue: false, name: .customLong("print-config"),
      help: "Print the settings in force and where each came from, without secrets, and exit.")
    var children: [Mirror.Child] = [("config", file), ("print-config", printsConfiguration)]
    for setting in Declaration().settings {
      let help = ArgumentHelp(ArgumentHelp.text(of: setting), valueName: setting.valueName)
      let name = NameSpecification.customLong(setting.flagName)
      // A list is given in one flag or in several.
      let option: Any =
        setting.isList
        ? Option<[String]>(wrappedValue: [], name: name, help: help) : Option<String?>(name: name, help: help)
      children.append((setting.key, option))
    }
    return Mirror(self, children: children)
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    file = try container.decode(Option<String?>.self, forKey: Key(stringValue: "config")).wrappedValue
    printsConfiguration = try container.decode(Flag<Bool>.self, forKey: Key(stringValue: "print-config"))
      .wrappedValue
    for setting in Declaration().settings {
      let key = Key(stringValue: setting.key)
      if setting.isList {
        let given = try container.decode(Option<[String]>.self, forKey: key).wrappedValue
        if !given.isEmpty { texts[setting.key] = given.joined(separator: ",") }
      } else {
        texts[setting.key] = try container.decode(Option<String?>.self, forKey: key).wrappedValue
      }
    }
  }

  /// The key of a setting as a coding key.
  private struct Key: CodingKey {
    let stringValue: String
    init(stringValue: String) { self.stringValue = stringValue }
    var intValue: Int? { nil }
    init?(intValue: Int) { nil }
  }
}

extension ArgumentHelp {
  /// The help of a setting: purpose, allowed values, default and environment.
  fileprivate static func text(of setting: some AnySetting) -> String {
    let names = [setting.environment] + setting.aliases.map(\.name)
    let standard = setting.defaultText ?? "none, it must be set"
    return "\(setting.purpose) Allowed: \(setting.allowed). "
      + "(default: \(standard); environment: \(names.joined(separator: ", ")))"
  }
}
