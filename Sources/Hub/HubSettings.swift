import Redis
import Service

/// What a hub is told.
typealias HubSettings = Settings<HubDeclaration>

/// The settings of a hub.
struct HubDeclaration: ProgramDeclaration {
  static let command = "emojitrack-hub"
  static let purpose = "Reads the scores from Redis once and feeds them to any number of edges."

  let redisURL = SharedSettings.redisURL { try RedisURL($0) }
  let interactionEnabled = Setting(
    "interaction.enabled", "Whether stream.interaction.* is passed on (kiosk displays).", .boolean,
    default: "false")
  let tick = Setting(
    "tick", "How often changed scores go to the edges.",
    .duration(.milliseconds(1) ... .seconds(1), unit: .milliseconds), default: "17ms")

  let linkListen = Setting(
    "link.listen", "Where edges are accepted, over mutual TLS.", .listenAddresses, default: "127.0.0.1:8010")
  let linkBacklog = Setting(
    "link.backlog", "How much may wait for a slow edge before it is skipped and later caught up.",
    .byteCount(64 << 10...1 << 30), default: "4MiB")
  let edgesMaximum = Setting(
    "edges.maximum", "How many edges are served at once.", .integer(1...65_536, of: "of edges"),
    default: "4096")
  let adminListen = Setting(
    "admin.listen",
    "Where status and metrics are served, in the clear and without a password: keep it on loopback.",
    .listenAddresses, default: "127.0.0.1:8000", aliases: [.port(host: "127.0.0.1")])

  let certificate = SharedSettings.certificate
  let privateKey = SharedSettings.privateKey
  let authority = SharedSettings.authority

  let logLevel = SharedSettings.logLevel
  let logFormat = SharedSettings.logFormat
}
