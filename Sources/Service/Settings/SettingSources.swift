import Configuration
import Synchronization

/// The source of a setting's value.
enum SettingSource: Equatable, CustomStringConvertible {
  case flag(String)
  case environment(String)
  case file(String)
  case standard

  var description: String {
    switch self {
    case .flag(let name): "flag \(name)"
    case .environment(let name): "environment variable \(name)"
    case .file(let path): "file \(path)"
    case .standard: "default"
    }
  }
}

/// All sources of settings, in order of precedence: flags, the project's environment variables, those of the
/// predecessors, and the file.
struct SettingSources {
  /// The text for a setting, and its source.
  struct Answer: Equatable {
    let text: String
    let source: SettingSource
    /// The predecessors' variable that gave it, if any: the text is in its form.
    var alias: String?
  }

  private let reader: ConfigReader
  private let answered = AnsweringProvider()
  private let variables: [String: String]
  private let file: String?

  /// - Parameters:
  ///   - flags: texts by key.
  ///   - environment: all variables; an empty one counts as not set.
  ///   - file: the configuration file, if there is one.
  init(
    settings: [any AnySetting], flags: [String: String], environment: [String: String], file: SettingsFile?
  ) {
    let variables = environment.filter { !$0.value.isEmpty }
    var aliases: [String: String] = [:]
    for setting in settings {
      aliases[setting.key] = setting.aliases.lazy.compactMap { variables[$0.name] }.first
    }
    self.variables = variables
    self.file = file?.path
    reader = ConfigReader(
      // In the order of `Provider`.
      providers: [
        InMemoryProvider(texts: flags),
        EnvironmentVariablesProvider(environmentVariables: variables).prefixKeys(with: "emojitrack"),
        InMemoryProvider(texts: aliases),
        InMemoryProvider(texts: file?.texts ?? [:]),
      ],
      accessReporter: answered)
  }

  /// The text of the source with the highest precedence; nil if no source has one.
  func answer(for setting: any AnySetting) -> Answer? {
    // All texts count as secret here, so that the access log of the library, if enabled, shows no value.
    guard let text = reader.string(forKey: ConfigKey(setting.key), isSecret: true) else { return nil }
    switch answered.provider {
    case .flag: return Answer(text: text, source: .flag(setting.flag))
    case .variable: return Answer(text: text, source: .environment(setting.environment))
    case .alias:
      let name = setting.aliases.first { variables[$0.name] != nil }?.name
      return Answer(text: text, source: .environment(name ?? ""), alias: name)
    case .file: return Answer(text: text, source: .file(file ?? ""))
    }
  }
}

/// The reader's providers, in order of precedence.
private enum Provider: Int {
  case flag, variable, alias, file
}

/// Learns from the reader which provider gave the latest value.
private final class AnsweringProvider: AccessReporter {
  private let latest = Mutex(Provider.flag)

  var provider: Provider { latest.withLock { $0 } }

  func report(_ event: AccessEvent) {
    // The reader asks one provider after the other and stops at the first that has a value.
    guard let provider = Provider(rawValue: event.providerResults.count - 1) else { return }
    latest.withLock { $0 = provider }
  }
}

extension InMemoryProvider {
  fileprivate init(texts: [String: String]) {
    let values = texts.map { (AbsoluteConfigKey(ConfigKey($0)), ConfigValue(.string($1), isSecret: true)) }
    self.init(values: Dictionary(values) { first, _ in first })
  }
}
