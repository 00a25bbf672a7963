import Primitives
import Redis
import Service

/// The settings of `emojitrack-bench costs`.
struct CostsDeclaration: SettingsDeclaration {
  static let command = "emojitrack-bench costs"
  static let purpose =
    "Measures the CPU time per event of several edges and of the bare loops in turns, and prints all as ratios. Nothing else may use the edges or their Redis meanwhile."

  let edges = Setting(
    required: "edges", "The edges of one hub, each with a name for its row.",
    SettingFormat<[MeasuredEdge]>(
      "name=url@pid",
      allowed: "name=url@pid with http:// or https://, host and port; several separated by commas",
      isList: true
    ) { text in
      try text.split(separator: ",").map { try MeasuredEdge(parsing: $0) }
    })
  let redisURL = SharedSettings.redisURL { try RedisURL($0) }
  let clients = Setting(
    "clients", "How many clients each has.", .integer(1...19_000, of: "of clients"), default: "500")
  let rate = Setting(
    "rate", "How many scores are written in a second.", .integer(1...100_000, of: "of scores"),
    default: "300")
  let turns = Setting(
    "turns", "How many turns are taken.", .integer(1...1_000, of: "of turns"), default: "5")
  let seconds = Setting(
    "seconds", "How long each run measures.", .integer(1...3_600, of: "of seconds"), default: "5")
  let authority = Setting(
    "authority", "The authority that signed the certificates, in PEM.",
    SettingFormat<String>.filePath.optional,
    default: nil, meaning: "those that the machine trusts")
  let certificate = Setting(
    "certificate", "The certificate, in PEM, of the bare loop of SSL_write(); valid for 127.0.0.1.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "none: without this loop")
  let privateKey = Setting(
    "key", "The certificate's private key, in PEM.", SettingFormat<String>.filePath.optional, default: nil,
    meaning: "none")
}

/// A running edge, and the name of its row.
struct MeasuredEdge: Equatable, Sendable {
  let name: String
  let url: TargetURL
  let process: Int32

  /// `name=url@pid`.
  init(parsing text: Substring) throws {
    guard let equals = text.firstIndex(of: "="), let at = text.lastIndex(of: "@"), equals < at,
      let process = Int32(text[text.index(after: at)...]), process > 0
    else { throw MalformedText("is not name=url@pid") }
    name = String(text[..<equals])
    url = try TargetURL(parsing: String(text[text.index(after: equals)..<at]))
    self.process = process
  }
}
