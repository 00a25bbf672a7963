import Redis
import Service

/// The settings of `emojitrack-bench load`.
struct LoadDeclaration: SettingsDeclaration {
  static let command = "emojitrack-bench load"
  static let purpose =
    "Connects many clients to an event stream, and measures what they get and what it costs."

  let url = Setting(
    required: "url", "The stream; the name of its server is looked up for each connection.",
    SettingFormat("url", allowed: "http:// or https://, host:port and path") { try TargetURL(parsing: $0) })
  let clients = Setting(
    "clients", "How many clients connect.", .integer(1...60_000, of: "of clients"), default: "100")
  let http2Streams = Setting(
    "http2.streams", "How many streams each client has on its connection of HTTP/2.",
    SettingFormat<Int>.integer(1...100, of: "of streams").optional, default: nil,
    meaning: "none: a client has one stream, over HTTP/1.1")
  let seconds = Setting(
    "seconds", "How long is measured.", .integer(1...86_400, of: "of seconds"), default: "10")
  let connectRate = Setting(
    "connect.rate", "How many clients connect in a second.",
    .integer(1...1_000_000, of: "of clients a second"),
    default: "2000")
  let addresses = Setting(
    "addresses", "From how many addresses of 127.0.0.0/8 the clients come.",
    SettingFormat<Int>.integer(1...250, of: "of addresses").optional, default: nil,
    meaning: "one for each 5,000 clients")
  let authority = Setting(
    "authority", "The authority that signed the server's certificate of an https:// stream, in PEM.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "those that the machine trusts")

  let redisURL = Setting(
    "redis.url",
    "The Redis that feeds the server: scores and probes are written into it, and totals read from it.",
    SettingFormat(
      "url", allowed: "redis://[user:password@]host[:port][/database], rediss://… or unix:///path",
      mask: SecretMask.url
    ) { try RedisURL($0) }.optional, default: nil,
    meaning: "none: nothing is written, and sums are not checked")
  let rate = Setting(
    "rate", "How many scores are written into Redis.", .integer(0...200_000, of: "of scores a second"),
    default: "0")
  let probes = Setting(
    "probes", "How many probes are written into Redis, to measure how long they take.",
    .integer(0...100, of: "of probes a second"), default: "10")

  let stalled = Setting(
    "stalled", "How many of the clients read nothing until the end.", .clientCount, default: "0")
  let slow = Setting("slow", "How many of the clients read slowly until the end.", .clientCount, default: "0")
  let slowRate = Setting(
    "slow.rate", "How fast they read.", .integer(10...10_000_000, of: "of bytes a second"), default: "1000")
  let reset = Setting(
    "reset", "How many of the clients drop their connection in the course of the run.", .clientCount,
    default: "0")
  let storm = Setting(
    "storm", "How many of the clients end their connection in the middle of the run and return at once.",
    .clientCount, default: "0")
  let churn = Setting(
    "churn", "How many further clients connect each second, each for one second.", .clientCount, default: "0")

  let processes = Setting(
    "pid", "The server's processes, whose CPU, memory and switches are measured.",
    SettingFormat<[Int32]>("pid", allowed: "process ids, separated by commas") { text in
      try text.split(separator: ",").map { try SettingFormat<Int32>.integer(1 ... .max).parse(String($0)) }
    }, default: [], meaning: "none")
  let json = Setting(
    "json", "A file for the report as JSON.", SettingFormat<String>.filePath.optional, default: nil,
    meaning: "none")
}

extension SettingFormat<Int> {
  fileprivate static let clientCount = integer(0...60_000, of: "of clients")
}

extension LoadOptions {
  /// The options of a run, from the settings.
  init(_ settings: Settings<LoadDeclaration>) {
    self.init(target: settings.url)
    counts = ClientCounts(
      clients: settings.clients, stalled: settings.stalled, slow: settings.slow, vanishing: settings.reset,
      storming: settings.storm, passing: settings.churn)
    http2Streams = settings.http2Streams
    seconds = settings.seconds
    connectRate = settings.connectRate
    addresses = settings.addresses
    authority = settings.authority
    slowRate = settings.slowRate
    redisURL = settings.redisURL
    rate = settings.rate
    probes = settings.probes
    processes = settings.processes
    announces = true
  }
}
