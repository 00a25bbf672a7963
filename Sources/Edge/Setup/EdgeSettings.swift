import EdgeCore
import Primitives
import Service

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The settings of an edge, parsed.
typealias EdgeSettings = Settings<EdgeDeclaration>

/// The declaration of an edge's settings.
struct EdgeDeclaration: ProgramDeclaration {
  static let command = "emojitrack-edge"
  static let purpose = "Streams the scores of a hub, or of several, to many clients as Server-Sent Events."
  static let notes =
    """
    `emojitrack-edge check …` takes the same options, and only reports whether the edge could run: one line for each \
    check, with a remedy. `emojitrack-edge healthcheck …` asks the edge that runs with these options whether it is ready.
    """

  let listen = Setting(
    "listen", "Where clients are accepted.", .listenAddresses, default: ":8001", aliases: [.port()])
  let secureListen = Setting(
    "https.listen", "Where clients are accepted over TLS.",
    SettingFormat<[ListenAddress]>.listenAddresses.optional,
    default: nil, meaning: "nowhere")
  let secureCertificate = Setting(
    "https.certificate", "The certificate chain that the edge shows to clients, in PEM.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "required with https.listen")
  let secureKey = Setting(
    "https.key",
    "Its private key, in PEM; the file must be closed to other users (0600, or 0640 and root's).",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "required with https.listen")
  let strictTransport = Setting(
    "https.hsts",
    "For how long browsers must use TLS only (Strict-Transport-Security, sent over TLS).",
    SettingFormat<Duration>.duration(.seconds(1) ... .seconds(63_072_000), unit: .seconds).optional,
    default: nil, meaning: "not sent", isReloadable: true)
  let records = Setting(
    "https.records",
    "What seals the records of TLS 1.3 for clients that stream: own means that the edge keeps only their keys and frees OpenSSL's object, openssl that it keeps the object. Clients of TLS 1.2 are always OpenSSL's. It counts for new connections.",
    .choice("sealer", RecordSealing.allCases.map { ($0.rawValue, $0) }), default: "own", isReloadable: true)
  let http2Enabled = Setting(
    "http2.enabled",
    "Whether clients may use HTTP/2: over TLS by ALPN, and at listen by prior knowledge.", .boolean,
    default: "true")
  let handshakeTimeout = Setting(
    "handshake.timeout", "How long a client may take for the TLS handshake.",
    .duration(.milliseconds(100) ... .seconds(60), unit: .seconds), default: "5s", isReloadable: true)
  let statusListen = Setting(
    "status.listen",
    "Where /healthz, /readyz, /metrics and /admin/status.json are also served, and nothing else: never behind a PROXY header, and also while the edge drains or is full.",
    SettingFormat<[ListenAddress]>.listenAddresses.optional, default: nil, meaning: "nowhere")
  let hubs = Setting(
    "hub", "The links of one or more hubs of the same Redis; all are listened to, and one is enough.", .hubs,
    default: "127.0.0.1:8010")
  let hubNames = Setting(
    "hub.name", "The names that the hubs' certificates must show.", SettingFormat<[String]>.hubNames.optional,
    default: nil, meaning: "the host of each hub")

  let certificate = SharedSettings.certificate
  let privateKey = SharedSettings.privateKey
  let authority = SharedSettings.authority
  let revocations = SharedSettings.revocations

  let workers = Setting(
    "workers", "How many threads serve clients.", .integer(1...1_024, of: "of threads"),
    default: ProcessInfo.processInfo.activeProcessorCount, meaning: "one per core")
  let usesRing = Setting(
    "iouring.enabled",
    "Whether many clients are sent to with one system call (io_uring), where the kernel permits it: Linux 6.1 or newer, and no filter of a container.",
    .boolean, default: "true")
  let clientsMaximum = Setting(
    "clients.maximum",
    "How many clients are served at once; further ones are asked to come back later. A stream of HTTP/2 is a client.",
    SettingFormat<Int>.integer(1...10_000_000, of: "of clients").optional,
    default: nil, meaning: "what the limit of open files allows", isReloadable: true)
  let connectionsMaximum = Setting(
    "connections.maximum",
    "How many connections are open at once; further ones are closed. HTTP/2 has up to 100 clients on one.",
    SettingFormat<Int>.integer(1...10_000_000, of: "of connections").optional,
    default: nil, meaning: "what the limit of open files allows", isReloadable: true)
  let clientsPerAddress = Setting(
    "clients.address.maximum",
    "How many clients of one address are served at once (of IPv6, of one /64 network).",
    .integer(1...10_000_000, of: "of clients"), default: "\(ClientLimits.standardPerAddress)",
    isReloadable: true)
  let trustedProxies = Setting(
    "proxy.trusted",
    "The proxies whose X-Forwarded-For, or else Forwarded, gives a client's address; their own addresses are not limited.",
    SettingFormat(
      "networks", allowed: "addresses and networks such as 10.0.0.0/8, separated by commas, or loopback"
    ) {
      try NetworkList(parsing: $0)
    }, default: .empty, meaning: "none")
  let trustsUnixProxy = Setting(
    "proxy.unix.trusted", "Whether peers on a unix socket are trusted the same way.", .boolean,
    default: "true")
  let requiresProxyHeader = Setting(
    "listen.proxy",
    "Whether every connection to listen begins with a PROXY header, version 1 or 2; needs proxy.trusted.",
    .boolean,
    default: "false")
  let secureRequiresProxyHeader = Setting(
    "https.proxy",
    "Whether every connection to https.listen begins with a PROXY header, before TLS; needs proxy.trusted.",
    .boolean,
    default: "false")
  let detailsAllEnabled = Setting(
    "details.all.enabled", "Whether /subscribe/details streams the tweets of all emoji.", .boolean,
    default: "false", isReloadable: true)
  let kioskEnabled = Setting(
    "kiosk.enabled", "Whether /subscribe/kiosk_interaction streams what happens at kiosks.", .boolean,
    default: "false", isReloadable: true)
  let corsOrigin = Setting(
    "cors.origin", "Whose pages may read the streams (Access-Control-Allow-Origin).", .origin, default: "*",
    isReloadable: true)

  let chunked = Setting(
    "stream.chunked",
    "Whether streams are sent in chunks to clients of HTTP/1.1; otherwise only the end of the connection marks their end.",
    .boolean, default: "true", isReloadable: true)
  let retry = Setting(
    "retry",
    "After what time a client that lost its stream should reconnect; each client gets a jittered time.",
    .duration(.seconds(1) ... .seconds(600), unit: .milliseconds), default: "3s", isReloadable: true)
  let resumeCheck = Setting(
    "resume.check",
    "Whether a client's place has a check of the totals. Edges of version 0.1 read only places without one: set it to false while they run.",
    .boolean, default: "true", isReloadable: true)
  let keepAlive = Setting(
    "keepalive", "After how much silence a comment is sent; browsers give up after 30s.",
    .duration(.seconds(1) ... .seconds(300), unit: .seconds), default: "15s", isReloadable: true)
  let headTimeout = Setting(
    "head.timeout", "How long a client may take to send its request.",
    .duration(.milliseconds(100) ... .seconds(120), unit: .seconds), default: "10s", isReloadable: true)
  let lagMaximum = Setting(
    "lag.maximum", "How far a slow client may fall behind before it is released.",
    .duration(.seconds(1) ... .seconds(600), unit: .seconds), default: "60s", isReloadable: true)
  let drainAnnounce = Setting(
    "drain.announce",
    "For how long an edge reports that it is not ready (/readyz is 503) before it drains or stops, while it still accepts clients; 0 means not at all.",
    .duration(EdgeLifecycle.allowedAnnouncement, unit: .seconds), default: "5s", isReloadable: true)
  let drainWindow = Setting(
    "drain.window",
    "The time over which clients are released when the edge drains or stops; all are connected elsewhere by its end.",
    .duration(.zero ... .seconds(3600), unit: .seconds), default: "10s", isReloadable: true)
  let refreshAfter = Setting(
    "refresh.after",
    "The age at which a stream ends, so that its client reconnects; plus or minus a fifth, so that they do not all reconnect at once.",
    .orNever(.duration(.seconds(1) ... .seconds(604_800), unit: .seconds)), default: "never",
    isReloadable: true,
    aliases: [.forcedRefresh])
  let interestLinger = Setting(
    "interest.linger", "How long the hub still sends a topic after its last client left.",
    .duration(.zero ... .seconds(600), unit: .seconds), default: "10s")

  let pushInterval = PushSettings.interval
  let pushPrefix = PushSettings.prefix
  let pushGraphite = PushSettings.graphite
  let pushStatsD = PushSettings.statsD
  let pushOpenTelemetry = PushSettings.openTelemetry
  let pushOpenTelemetryFields = PushSettings.openTelemetryFields

  let logLevel = SharedSettings.logLevel(isReloadable: true)
  let logFormat = SharedSettings.logFormat
}

/// What seals the records of TLS clients that stream.
enum RecordSealing: String, CaseIterable, Sendable {
  /// The edge, with the session's keys.
  case own
  /// OpenSSL's object.
  case openssl
}

extension SettingFormat<[HostPort]> {
  /// The most hubs of one edge.
  private static let countMaximum = 8

  /// Hubs, in the order of preference.
  fileprivate static let hubs = SettingFormat(
    "host:port",
    allowed:
      "host:port, an IPv6 address in brackets; up to \(countMaximum) different ones, separated by commas",
    isList: true
  ) { text in
    let hubs = try text.split(separator: ",", omittingEmptySubsequences: false).map {
      try HostPort(parsing: String($0))
    }
    guard hubs.count <= countMaximum else { throw MalformedText("names \(hubs.count) hubs") }
    guard Set(hubs).count == hubs.count else { throw MalformedText("names one hub twice") }
    return hubs
  }
}

extension SettingFormat<[String]> {
  fileprivate static let hubNames = SettingFormat(
    "host",
    allowed: "host names, or IPv4 or IPv6 addresses: one for all hubs, or one for each, separated by commas",
    isList: true
  ) { text in
    try text.split(separator: ",", omittingEmptySubsequences: false).map {
      try SettingFormat<String>.host.parse(String($0))
    }
  }
}

extension SettingFormat<Duration?> {
  /// A duration, or `never`.
  fileprivate static func orNever(_ duration: SettingFormat<Duration>) -> SettingFormat {
    SettingFormat(duration.valueName, allowed: "never, or \(duration.allowed)") { text in
      text == "never" ? nil : try duration.parse(text)
    }
  }
}

extension EnvironmentAlias {
  /// `SSE_FORCE_REFRESH`: a duration, `false` for never, `true` for the five minutes that the predecessors had.
  fileprivate static let forcedRefresh = EnvironmentAlias(
    "SSE_FORCE_REFRESH", allowed: "true, false or a duration"
  ) { text in
    switch try? SettingFormat<Bool>.boolean.parse(text) {
    case true?: "5m"
    case false?: "never"
    case nil: text
    }
  }
}
