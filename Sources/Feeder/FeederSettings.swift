import Redis
import Service

/// The values of the feeder's settings.
typealias FeederSettings = Settings<FeederDeclaration>

struct FeederDeclaration: ProgramDeclaration {
  static let command = "emojitrack-feeder"
  static let purpose = "Writes synthetic tweets into Redis, as emojitrack's own feeder would write real ones."

  let redisURL = SharedSettings.redisURL { try RedisURL($0) }
  let rate = Setting(
    "rate", "How many tweets are written each second.", .integer(1...200_000, of: "of tweets a second"),
    default: "250")
  let exponent = Setting(
    "exponent", "How unevenly the emoji are used (Zipf's law); at 0, all are used equally often.",
    .decimal(0...4),
    default: "1.0")
  let seed = Setting(
    "seed", "Makes the tweets the same in every run.", SettingFormat<UInt64>.integer(0 ... .max).optional,
    default: nil, meaning: "a different one in each run")
  let count = Setting(
    "count", "After how many tweets to stop; 0 means never.",
    SettingFormat<UInt64>.integer(0 ... .max, of: "of tweets"),
    default: "0")
  let batch = Setting(
    "batch", "How many tweets one call to Redis may carry at most.", .integer(1...1_024, of: "of tweets"),
    default: "64")

  let logLevel = SharedSettings.logLevel()
  let logFormat = SharedSettings.logFormat
}
