import Primitives

/// A setting: the only place for its name, meaning, form, and default.
///
/// The flag, the environment variable, the key in the file, `--help`, the table in `Docs/configuration.md` and the
/// texts of errors all come from here, and whether a reload applies a new value.
package struct Setting<Value: Sendable>: Sendable {
  /// The name in a configuration file, such as `link.listen`: lower-case words separated by dots, with digits.
  package let key: String
  /// Its purpose, in one sentence.
  package let purpose: String
  /// The allowed values, and their parser.
  package let format: SettingFormat<Value>
  /// Other environment variables that set it. The first one that is set counts, and `environment` takes precedence
  /// over all.
  package let aliases: [EnvironmentAlias]
  /// Whether a reload applies a new value. Otherwise a new value needs a restart.
  package let isReloadable: Bool
  let fallback: Fallback

  /// The value without any source.
  enum Fallback: Sendable {
    case text(String)
    case value(Value, meaning: String)
    case required
  }

  private init(
    _ key: String, _ purpose: String, _ format: SettingFormat<Value>, _ fallback: Fallback,
    isReloadable: Bool, _ aliases: [EnvironmentAlias]
  ) {
    precondition(
      key.utf8.allSatisfy { $0.isLowercaseLetter || $0.isASCIIDigit || $0 == UInt8(ascii: ".") })
    self.key = key
    self.purpose = purpose
    self.format = format
    self.fallback = fallback
    self.isReloadable = isReloadable
    self.aliases = aliases
  }

  /// A setting with a default in the form of a source.
  ///
  /// - Parameter isReloadable: whether a reload applies a new value. The executable must then use the value of the
  ///   settings in force each time, instead of keeping it.
  package init(
    _ key: String, _ purpose: String, _ format: SettingFormat<Value>, default text: String,
    isReloadable: Bool = false, aliases: [EnvironmentAlias] = []
  ) {
    self.init(key, purpose, format, .text(text), isReloadable: isReloadable, aliases)
  }

  /// A setting whose default is determined at the start; `meaning` describes it in the help.
  package init(
    _ key: String, _ purpose: String, _ format: SettingFormat<Value>, default value: Value, meaning: String,
    isReloadable: Bool = false, aliases: [EnvironmentAlias] = []
  ) {
    self.init(
      key, purpose, format, .value(value, meaning: meaning), isReloadable: isReloadable, aliases)
  }

  /// A setting without a default, which a source must give.
  package init(
    required key: String, _ purpose: String, _ format: SettingFormat<Value>, aliases: [EnvironmentAlias] = []
  ) {
    self.init(key, purpose, format, .required, isReloadable: false, aliases)
  }
}

extension UInt8 {
  fileprivate var isLowercaseLetter: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }
}

/// A setting without its type of value, for help, tables and the sources.
package protocol AnySetting: Sendable {
  /// The name in a configuration file.
  var key: String { get }
  /// Its purpose, in one sentence.
  var purpose: String { get }
  /// The allowed values: a noun phrase with unit and limits.
  var allowed: String { get }
  /// The placeholder of the value in the help: `--tick <duration>`.
  var valueName: String { get }
  /// Whether its flag may be repeated.
  var isList: Bool { get }
  /// The default in words; nil if a source must give a value.
  var defaultText: String? { get }
  /// Other environment variables that set it.
  var aliases: [EnvironmentAlias] { get }
  /// Whether a reload applies a new value. Otherwise a new value needs a restart.
  var isReloadable: Bool { get }
  /// The text with every secret in it replaced by `***`.
  func masked(_ text: String) -> String
  /// Parses a text.
  func value(of text: String) throws -> any Sendable
  /// The default; nil if a source must give a value.
  func defaultValue() throws -> (any Sendable)?
}

extension AnySetting {
  /// The option of the command line, such as `--link-listen`.
  package var flag: String { "--" + flagName }
  /// The environment variable, such as `EMOJITRACK_LINK_LISTEN`.
  package var environment: String {
    "EMOJITRACK_" + key.uppercased().split(separator: ".").joined(separator: "_")
  }
  var flagName: String { key.split(separator: ".").joined(separator: "-") }
}

extension Setting: AnySetting {
  /// The allowed values: a noun phrase with unit and limits.
  package var allowed: String { format.allowed }
  /// The placeholder of the value in the help.
  package var valueName: String { format.valueName }
  /// Whether its flag may be repeated.
  package var isList: Bool { format.isList }
  /// The default in words; nil if a source must give a value.
  package var defaultText: String? {
    switch fallback {
    case .text(let text): text
    case .value(_, let meaning): meaning
    case .required: nil
    }
  }
  /// The text with every secret in it replaced by `***`.
  package func masked(_ text: String) -> String { format.mask(text) }
  /// Parses a text.
  package func value(of text: String) throws -> any Sendable { try format.parse(text) }
  /// The default; nil if a source must give a value.
  package func defaultValue() throws -> (any Sendable)? {
    switch fallback {
    case .text(let text): try format.parse(text)
    case .value(let value, _): value
    case .required: nil
    }
  }
}
