import PlantedFaults

/// Turns the texts of the sources into values, and collects all errors.
struct SettingsResolution {
  /// One error.
  struct Problem: Equatable {
    /// True if it is in the command line.
    let isUsage: Bool
    /// A sentence for the user.
    let text: String
  }

  let settings: [any AnySetting]
  private(set) var values: [String: any Sendable] = [:]
  private(set) var problems: [Problem] = []
  /// The settings in force, for display.
  private(set) var rows: [SettingRow] = []

  init(_ settings: [any AnySetting]) {
    self.settings = settings
  }

  /// The settings in force, one per line, with their sources and without secrets.
  var listing: String { TextTable.aligned(rows.map { [$0.key, $0.value, $0.source] }) }

  /// Reads the configuration file and checks its keys; nil if it cannot be used.
  mutating func open(_ path: String) -> SettingsFile? {
    do throws(SettingsFile.Failure) {
      let file = try SettingsFile(path: path)
      let known = settings.map(\.key)
      for key in file.texts.keys.sorted() where !known.contains(key) && !planted(.unknownSettingAccepted) {
        let hint = NearestText.nearest(to: key, among: known).map { "; did you mean \($0)?" } ?? ""
        problems.append(
          Problem(isUsage: false, text: "\(path): there is no setting \(key.debugDescription)\(hint)"))
      }
      return file
    } catch {
      problems.append(Problem(isUsage: false, text: "\(path) \(error.description)"))
      return nil
    }
  }

  /// Determines the value of every setting.
  mutating func resolve(from sources: SettingSources, file: SettingsFile?) {
    for setting in settings {
      guard let answer = sources.answer(for: setting) else {
        fallBack(setting)
        continue
      }
      if let refusal = Self.refusal(ofSecretIn: answer, for: setting, file: file) {
        problems.append(Problem(isUsage: answer.isUsage, text: refusal))
      } else {
        accept(answer, for: setting)
      }
    }
  }

  private mutating func fallBack(_ setting: any AnySetting) {
    do {
      guard let value = try setting.defaultValue() else {
        let ways = "\(setting.flag), \(setting.environment), or \(setting.key) in the --config file"
        // No text is invalid, but a required setting is missing.
        problems.append(Problem(isUsage: false, text: "\(setting.key) is not set: give \(ways)"))
        return
      }
      values[setting.key] = value
      rows.append(
        SettingRow(
          key: setting.key, value: setting.masked(setting.defaultText ?? ""),
          source: SettingSource.standard.description))
    } catch {
      preconditionFailure("the default of \(setting.key) \(error)")
    }
  }

  private mutating func accept(_ answer: SettingSources.Answer, for setting: any AnySetting) {
    let alias = setting.aliases.first { $0.name == answer.alias }
    let shown = setting.masked(answer.text)
    do {
      guard let text = alias.map({ $0.rewrite(answer.text) }) ?? answer.text else {
        throw AliasRefusal()
      }
      values[setting.key] = try setting.value(of: text)
      rows.append(
        SettingRow(key: setting.key, value: setting.masked(text), source: answer.source.description))
    } catch {
      let allowed = error is AliasRefusal ? alias?.allowed ?? setting.allowed : setting.allowed
      let text =
        "\(setting.key): \(shown.debugDescription) from \(answer.source) \(error); allowed is \(allowed)"
      problems.append(Problem(isUsage: answer.isUsage, text: text))
    }
  }

  private struct AliasRefusal: Error, CustomStringConvertible {
    var description: String { "is not understood" }
  }

  /// Why a secret must not come from this source; nil if it may, or the text has no secret.
  private static func refusal(
    ofSecretIn answer: SettingSources.Answer, for setting: any AnySetting, file: SettingsFile?
  ) -> String? {
    guard !setting.masked(answer.text).utf8.elementsEqual(answer.text.utf8) else { return nil }
    let variable = setting.aliases.first?.name ?? setting.environment
    return switch answer.source {
    case .flag(let flag):
      "\(setting.key): a password on the command line (\(flag)) can be read by every user of the machine; "
        + "give it in \(variable) or in the --config file"
    case .file(let path) where file?.isReadableByEverybody == true:
      "\(setting.key): \(path) holds a password, and every user of the machine can read it; chmod 600 it"
    default: nil
    }
  }
}

extension SettingSources.Answer {
  fileprivate var isUsage: Bool {
    if case .flag = source { true } else { false }
  }
}
