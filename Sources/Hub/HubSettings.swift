import HubCore
import Primitives
import Redis
import Service

/// The settings of a hub, parsed.
typealias HubSettings = Settings<HubDeclaration>

struct HubDeclaration: ProgramDeclaration {
  static let command = "emojitrack-hub"
  static let purpose = "Reads the scores from Redis once and feeds them to any number of edges."
  static let notes =
    """
    `emojitrack-hub check …` takes the same options, and only reports whether the hub could run: one line for each \
    check, with a remedy. `emojitrack-hub healthcheck …` asks the hub that runs with these options whether it is ready.
    """

  let redisURL = SharedSettings.redisURL { try RedisURL($0) }
  let scoresKey = Setting(
    "redis.key.scores", "The sorted set of totals.", .redisName, default: FeedNames().scores)
  let lineageKey = Setting(
    "redis.key.lineage", "Where the name of the totals' history is kept.", .redisName,
    default: FeedNames().lineage)
  let tweetsPrefix = Setting(
    "redis.key.tweets", "The prefix of the key of an id's last tweets; the id follows.", .redisName,
    default: FeedNames().tweetsPrefix)
  let nodesKey = Setting(
    "redis.key.nodes",
    "The hash to which the state of each edge is written every 5 s, for the predecessors' tools.",
    .redisName, default: FeedNames().nodeStatuses)
  let scoresChannel = Setting(
    "redis.channel.scores", "The channel on which the id of each increment is published.", .redisName,
    default: FeedNames().scoreUpdates)
  let tweetsChannel = Setting(
    "redis.channel.tweets", "The prefix of the channel of an id's tweets; the id follows.", .redisName,
    default: FeedNames().tweetUpdatesPrefix)
  let interactionChannel = Setting(
    "redis.channel.interaction", "The prefix of the channels of kiosk interaction.", .channelPrefix,
    default: FeedNames().interactionPrefix)
  let fenceChannel = Setting(
    "redis.channel.fence", "The channel of the hub's own fences and probes.", .redisName,
    default: FeedNames().fences)
  let fenceInterval = Setting(
    "fence.interval", "How often the totals are compared with Redis while all is well.",
    .duration(.milliseconds(200) ... .seconds(3_600), unit: .seconds), default: "30s")

  let interactionEnabled = Setting(
    "interaction.enabled", "Whether stream.interaction.* is passed on (kiosk displays).", .boolean,
    default: "false")
  let tick = Setting(
    "tick", "How often changed scores go to the edges.",
    .duration(.milliseconds(1) ... .seconds(1), unit: .milliseconds), default: "17ms")

  let linkListen = Setting(
    "link.listen", "Where edges are accepted, over mutual TLS.", .listenAddresses, default: "127.0.0.1:8010")
  let linkBacklog = Setting(
    "link.backlog",
    "How much may wait for a slow edge before the hub skips messages and later sends a snapshot.",
    .byteCount(64 << 10...1 << 30), default: "4MiB")
  let reportInterval = Setting(
    "report.interval", "How often each edge reports its figures to the hub.",
    .duration(.milliseconds(100) ... .seconds(60), unit: .seconds), default: "5s")
  let edgesMaximum = Setting(
    "edges.maximum", "How many edges are served at once.", .integer(1...65_536, of: "of edges"),
    default: "4096")
  let adminListen = Setting(
    "admin.listen",
    "Where the admin API and the dashboard are served without TLS and without a password: loopback addresses or unix sockets only.",
    .listenAddresses, default: "127.0.0.1:8000", aliases: [.port(host: "127.0.0.1")])
  let adminSecureListen = Setting(
    "admin.https.listen", "Where they are served over TLS, to clients with a token or a certificate.",
    SettingFormat<[ListenAddress]>.listenAddresses.optional, default: nil, meaning: "nowhere")
  let adminCertificate = Setting(
    "admin.https.certificate", "The certificate chain that the hub shows there, in PEM.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "required with admin.https.listen")
  let adminKey = Setting(
    "admin.https.key",
    "Its private key, in PEM; the file must be closed to other users (0600, or 0640 and root's).",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "required with admin.https.listen")
  let adminTokens = Setting(
    "admin.tokens",
    "The bearer tokens, one line 'role name token' each, where the role is reader or operator; the file must be closed to other users (0600, or 0640 and root's).",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "no token is accepted")
  let adminClientsAuthority = Setting(
    "admin.clients.authority",
    "The certificates of the authority that signs operators' client certificates, in PEM; it must not be the authority of the link.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "no client certificate is accepted")
  let adminClientsRevocations = Setting(
    "admin.clients.revocations",
    "That authority's complete revocation lists, in PEM; connections of certificates on them are refused, and ended.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "no certificate is revoked")
  let adminClientsReaders = Setting(
    "admin.clients.readers",
    "Which client certificates may only read: their DNS names, or OU=name of their subjects.", .names,
    default: [], meaning: "none: all are operators")

  let statusListen = Setting(
    "status.listen",
    "Where /healthz, /readyz and /metrics are also served, without TLS and to any client, and nothing else: for probes and Prometheus.",
    SettingFormat<[ListenAddress]>.listenAddresses.optional, default: nil, meaning: "nowhere")

  let certificate = SharedSettings.certificate
  let privateKey = SharedSettings.privateKey
  let authority = SharedSettings.authority
  let revocations = SharedSettings.revocations

  let pushInterval = PushSettings.interval
  let pushPrefix = PushSettings.prefix
  let pushGraphite = PushSettings.graphite
  let pushStatsD = PushSettings.statsD
  let pushOpenTelemetry = PushSettings.openTelemetry
  let pushOpenTelemetryFields = PushSettings.openTelemetryFields

  let logLevel = SharedSettings.logLevel(isReloadable: true)
  let logFormat = SharedSettings.logFormat
}

extension SettingFormat<[String]> {
  /// Names of certificates.
  fileprivate static let names = SettingFormat(
    "names", allowed: "names or OU=name, separated by commas"
  ) { text in
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map { name in
      String(name.drop { $0 == " " })
    }
    guard !names.contains("") else { throw MalformedText("has an empty name in it") }
    return names
  }
}
extension HubSettings {
  /// The keys and channels in Redis.
  var feedNames: FeedNames {
    var names = FeedNames()
    names.scores = self.scoresKey
    names.lineage = self.lineageKey
    names.tweetsPrefix = self.tweetsPrefix
    names.nodeStatuses = self.nodesKey
    names.scoreUpdates = self.scoresChannel
    names.tweetUpdatesPrefix = self.tweetsChannel
    names.interactionPrefix = self.interactionChannel
    names.fences = self.fenceChannel
    return names
  }
}

extension SettingFormat<String> {
  /// The name of a key or channel in Redis, or the prefix of one. Characters with a meaning in patterns are not
  /// allowed.
  static let redisName = name(of: "letters, digits and . _ - : / @ { }", besides: "._-:/@{}")

  /// The prefix of channels whose names clients can see.
  static let channelPrefix = name(of: "letters, digits and . _ -", besides: "._-")

  private static func name(of characters: String, besides marks: String) -> SettingFormat {
    SettingFormat("name", allowed: "1 to 100 bytes of \(characters)") { text in
      guard (1...100).contains(text.utf8.count),
        text.utf8.allSatisfy({ $0.isASCIIAlphanumeric || marks.utf8.contains($0) })
      else { throw MalformedText("is not a name") }
      return text
    }
  }
}
