import Primitives
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
    "Where the admin API and the dashboard are served in the clear, to operators without a password: loopback or unix sockets alone.",
    .listenAddresses, default: "127.0.0.1:8000", aliases: [.port(host: "127.0.0.1")])
  let adminSecureListen = Setting(
    "admin.https.listen", "Where they are served within TLS, to those with a token or a client certificate.",
    SettingFormat<[ListenAddress]>.listenAddresses.optional, default: nil, meaning: "nowhere")
  let adminCertificate = Setting(
    "admin.https.certificate", "The certificate chain that is shown there, in PEM.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "required with admin.https.listen")
  let adminKey = Setting(
    "admin.https.key", "Its private key, in PEM; nobody else may be able to read the file.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "required with admin.https.listen")
  let adminTokens = Setting(
    "admin.tokens",
    "The bearer tokens, a line 'role name token' each, the role being reader or operator; nobody else may be able to read the file.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "no token is accepted")
  let adminClientsAuthority = Setting(
    "admin.clients.authority",
    "The certificates of an authority for operators' client certificates, in PEM; not that of the link.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "no client certificate is accepted")
  let adminClientsReaders = Setting(
    "admin.clients.readers",
    "Which client certificates may only read: their DNS names, or OU=name of their subjects.", .names,
    default: [], meaning: "none: all are operators")

  let certificate = SharedSettings.certificate
  let privateKey = SharedSettings.privateKey
  let authority = SharedSettings.authority

  let logLevel = SharedSettings.logLevel
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
