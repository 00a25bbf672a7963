import Service

/// The settings of `emojitrack-bench floor`.
struct FloorDeclaration: SettingsDeclaration {
  static let command = "emojitrack-bench floor"
  static let purpose =
    "Measures the least possible cost of sending events: a bare loop of send(), or of io_uring, in a process of its own, read by the same clients."

  let clients = Setting(
    "clients", "How many clients connect.", .integer(1...19_800, of: "of clients"), default: "500")
  let seconds = Setting(
    "seconds", "How long is measured.", .integer(1...86_400, of: "of seconds"), default: "10")
  let rate = FloorSettings.rate
  let bytes = FloorSettings.bytes
  let usesRing = FloorSettings.usesRing
  let certificate = FloorSettings.certificate
  let privateKey = FloorSettings.privateKey
  let authority = Setting(
    "authority", "The authority that signed the server's certificate, in PEM.",
    SettingFormat<String>.filePath.optional,
    default: nil, meaning: "those that the machine trusts")
  let json = Setting(
    "json", "A file for the report as JSON.", SettingFormat<String>.filePath.optional, default: nil,
    meaning: "none")
}

/// The settings of the process that `emojitrack-bench floor` starts.
struct FloorServerDeclaration: SettingsDeclaration {
  static let command = "emojitrack-bench floor-server"
  static let purpose =
    "Writes its port to the standard output, and events to all clients, until its standard input ends."

  let rate = FloorSettings.rate
  let bytes = FloorSettings.bytes
  let usesRing = FloorSettings.usesRing
  let certificate = FloorSettings.certificate
  let privateKey = FloorSettings.privateKey
}

/// The settings common to both.
private enum FloorSettings {
  static let rate = Setting(
    "rate", "How many events every client gets in a second.", .decimal(0.1...10_000), default: "58.82")
  static let bytes = Setting(
    "bytes", "How long an event is.", .integer(FloorEvent.countMinimum...16_000, of: "of bytes"),
    default: "64")
  static let usesRing = Setting(
    "iouring", "Whether the loop sends to hundreds of clients with one system call (io_uring); without TLS.",
    .boolean, default: "false")
  static let certificate = Setting(
    "certificate", "The certificate, in PEM, with which the events are sent over TLS.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "none: without TLS")
  static let privateKey = Setting(
    "key", "The certificate's private key, in PEM.", SettingFormat<String>.filePath.optional, default: nil,
    meaning: "none")
}

/// The one event that the bare loop sends.
enum FloorEvent {
  private static let start = "data:{\""
  private static let end = "\":1}\n\n"
  /// The shortest event, in bytes.
  static let countMinimum = start.utf8.count + end.utf8.count + 1

  /// An `eps` event of exactly `count` bytes: one score, whose id fills it up.
  static func bytes(count: Int) -> [UInt8] {
    precondition(count >= countMinimum)
    let id = String(repeating: "F", count: count - start.utf8.count - end.utf8.count)
    return Array((start + id + end).utf8)
  }
}
