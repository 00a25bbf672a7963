import Primitives
import Redis
import Service

/// The settings of `emojitrack-bench links`.
struct LinksDeclaration: SettingsDeclaration {
  static let command = "emojitrack-bench links"
  static let purpose =
    "Links many edges without clients to a hub, and measures what they get and what they cost the hub."

  let hub = Setting(
    "hub", "The hub's link listener; its certificate is valid for that name.", .hostPort,
    default: "localhost:8010")
  let edges = Setting(
    "edges", "How many edges link.", .integer(1...4_096, of: "of edges"), default: "100")
  let certificates = Setting(
    required: "certificates",
    "The folder that Deploy/certificates.sh --edges N made: ca.pem, edge-1.pem, edge-1.key, and so on.",
    SettingFormat<String>.filePath)
  let seconds = Setting(
    "seconds", "How long is measured.", .integer(1...86_400, of: "of seconds"), default: "10")
  let raw = Setting(
    "raw", "Whether the edges want the raw ids too, as edges with raw clients do.", .boolean, default: "false"
  )
  let redisURL = Setting(
    "redis.url", "The Redis that feeds the hub: scores are written into it.",
    SettingFormat(
      "url", allowed: "redis://[user:password@]host[:port][/database], rediss://… or unix:///path",
      mask: SecretMask.url
    ) { try RedisURL($0) }.optional, default: nil, meaning: "none: nothing is written")
  let rate = Setting(
    "rate", "How many scores are written into Redis.", .integer(0...200_000, of: "of scores a second"),
    default: "0")
  let process = Setting(required: "pid", "The hub's process.", SettingFormat<Int32>.integer(1 ... .max))
}
