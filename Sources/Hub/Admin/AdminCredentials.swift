import HubCore
import Primitives
import Service
import TLS

/// The access control of the admin API: its certificate, the tokens, and the authority for client certificates. All
/// of them follow their files.
struct AdminCredentials {
  private var tokens: Reloadable<AdminTokens>?
  private var secure: Reloadable<TLSContext>?

  /// Reads the files that the settings name.
  ///
  /// - Throws: a `ConfigurationError` for a file that cannot be used.
  init(_ settings: HubSettings) throws {
    tokens = try settings.adminTokens.map { file in
      try ConfigurationError.naming("admin.tokens") {
        try Reloadable(files: [file]) { try Self.tokens(in: file) }
      }
    }
    guard settings.adminSecureListen != nil else {
      for (key, value) in [
        ("admin.https.certificate", settings.adminCertificate), ("admin.https.key", settings.adminKey),
        ("admin.tokens", settings.adminTokens), ("admin.clients.authority", settings.adminClientsAuthority),
        ("admin.clients.revocations", settings.adminClientsRevocations),
      ] where value != nil {
        throw ConfigurationError(key, "has no effect without admin.https.listen")
      }
      return
    }
    guard let certificate = settings.adminCertificate, let key = settings.adminKey else {
      throw ConfigurationError("admin.https.listen", "needs admin.https.certificate and admin.https.key")
    }
    let authority = settings.adminClientsAuthority
    guard authority != nil || tokens != nil else {
      throw ConfigurationError(
        "admin.https.listen", "needs admin.tokens or admin.clients.authority: otherwise it admits no client")
    }
    guard authority.map({ !$0.utf8.elementsEqual(settings.authority.utf8) }) ?? true else {
      throw ConfigurationError(
        "admin.clients.authority", "is that of the link: every edge would be an operator")
    }
    let revocations = settings.adminClientsRevocations
    guard revocations == nil || authority != nil else {
      throw ConfigurationError("admin.clients.revocations", "has no effect without admin.clients.authority")
    }
    secure = try ConfigurationError.naming(
      "admin.https.certificate, admin.https.key, admin.clients.authority, admin.clients.revocations"
    ) {
      try .context(files: [certificate, key] + [authority, revocations].compactMap(\.self)) {
        try .adminServer(
          identity: Identity(certificateFile: certificate, keyFile: key), authority: authority,
          revocations: revocations, alpn: ["http/1.1"])
      }
    }
  }

  private static func tokens(in file: String) throws -> AdminTokens {
    do {
      return try AdminTokens(parsing: SecretFile.bytes(of: file))
    } catch let malformed as AdminTokens.Malformed {
      throw ConfigurationError(file, "\(malformed)")
    }
  }

  /// The tokens in force.
  var acceptedTokens: AdminTokens { tokens?.value ?? AdminTokens() }
  /// The TLS context for new connections; nil without an HTTPS listener.
  var context: TLSContext? { secure?.value }
  /// The names in the certificate of the HTTPS listener.
  var names: [String] { context?.certificate?.names ?? [] }

  /// The result of reading one kind of file again.
  struct Change {
    /// The files' meaning, such as the tokens, for the log.
    let what: String
    /// Why they were rejected; nil if they are in force.
    let refusal: String?
  }

  /// Checks whether the files have changed; to be called every few seconds.
  mutating func checkForChanges() -> [Change] { read(tokens?.checkForChanges(), secure?.checkForChanges()) }

  /// Reads the files at once.
  mutating func reload() -> [Change] { read(tokens?.reload(), secure?.reload()) }

  private func read(
    _ tokens: Reloadable<AdminTokens>.Outcome?, _ secure: Reloadable<TLSContext>.Outcome?
  ) -> [Change] {
    var changes: [Change] = []
    switch tokens {
    case nil, .unchanged: break
    case .renewed: changes.append(Change(what: "the admin tokens", refusal: nil))
    case .refused(let reason): changes.append(Change(what: "the admin tokens", refusal: reason))
    }
    switch secure {
    case nil, .unchanged: break
    case .renewed: changes.append(Change(what: "the admin certificate", refusal: nil))
    case .refused(let reason): changes.append(Change(what: "the admin certificate", refusal: reason))
    }
    return changes
  }
}
