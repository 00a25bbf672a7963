import Redis
import Service

/// The settings of `emojitrack-bench compare`.
struct CompareDeclaration: SettingsDeclaration {
  static let command = "emojitrack-bench compare"
  static let purpose =
    "Measures a running edge and its reference in turns, and prints the ratios. Nothing else may use the edge or its Redis meanwhile."

  let edge = Setting(
    "edge", "The edge.",
    SettingFormat("url", allowed: "http:// or https://, host and port") { try TargetURL(parsing: $0) },
    default: "http://127.0.0.1:8001")
  let process = Setting(required: "pid", "The edge's process.", SettingFormat<Int32>.integer(1 ... .max))
  let redisURL = SharedSettings.redisURL { try RedisURL($0) }
  let experiments = Setting(
    "experiments", "Which experiments are run.",
    SettingFormat<[Experiment]>(
      "names", allowed: "names, separated by commas, of \(Experiment.all.map(\.name).joined(separator: ", "))"
    ) { text in
      try text.split(separator: ",").map { try SettingFormat.experiment.parse(String($0)) }
    }, default: Experiment.all, meaning: "all")
  let turns = Setting(
    "turns", "How many turns each takes.", .integer(1...1_000, of: "of turns"), default: "5")
  let seconds = Setting(
    "seconds", "How long each run measures.", .integer(1...3_600, of: "of seconds"), default: "5")
  let authority = Setting(
    "authority", "The authority that signed an https:// edge's certificate, in PEM.",
    SettingFormat<String>.filePath.optional,
    default: nil, meaning: "those that the machine trusts")
  let certificate = Setting(
    "certificate",
    "The certificate, in PEM, that the bare loop shows where the edge serves TLS; valid for 127.0.0.1.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "none")
  let privateKey = Setting(
    "key", "The certificate's private key, in PEM.", SettingFormat<String>.filePath.optional, default: nil,
    meaning: "none")
  let json = Setting(
    "json", "A file for the figures of all turns as JSON.", SettingFormat<String>.filePath.optional,
    default: nil,
    meaning: "none")
}

extension SettingFormat<Experiment> {
  fileprivate static let experiment = choice("name", Experiment.all.map { ($0.name, $0) })
}
