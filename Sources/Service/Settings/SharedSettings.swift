import Logging
import Primitives

/// The settings that several executables have.
package enum SharedSettings {
  /// `redis.url`, parsed by the caller's function, whose errors must not repeat the URL.
  package static func redisURL<URL: Sendable>(
    parse: @escaping @Sendable (String) throws -> URL
  ) -> Setting<URL> {
    let allowed =
      "redis://[[user]:password@]host[:port][/database], rediss://… for TLS (?ca=file and ?server-name=name), "
      + "unix:///path, or redis-sentinel://host[:port][,host[:port]…]/master for the hub"
    let format = SettingFormat("url", allowed: allowed, mask: SecretMask.url) { text in
      do {
        return try parse(text)
      } catch {
        throw MalformedText("cannot be used: \(error)")
      }
    }
    return Setting(
      "redis.url", "The Redis server.", format, default: "redis://127.0.0.1:6379",
      aliases: [EnvironmentAlias("REDIS_URL", allowed: allowed) { $0 }])
  }

  /// `tls.certificate`: the certificate of this side of the link.
  package static let certificate = Setting(
    required: "tls.certificate", "The certificate chain that this node shows on the link, in PEM.", .filePath)

  /// `tls.key`: the private key of the certificate.
  package static let privateKey = Setting(
    required: "tls.key",
    "The certificate's private key, in PEM; the file must be closed to other users (0600, or 0640 and root's).",
    .filePath)

  /// `tls.authority`: the authority of the certificates that this side of the link accepts.
  package static let authority = Setting(
    required: "tls.authority", "The certificates of the deployment's authority, in PEM; no other is trusted.",
    .filePath)

  /// `tls.revocations`: the certificates of peers that are refused although the authority signed them.
  package static let revocations = Setting(
    "tls.revocations",
    "The authority's complete revocation lists, in PEM. Links of certificates on them are refused, and ended within a second of a reload.",
    SettingFormat<String>.filePath.optional, default: nil, meaning: "no certificate is revoked")

  /// `log.level`: the least severe level that is logged.
  package static func logLevel(isReloadable: Bool = false) -> Setting<Logger.Level> {
    Setting(
      "log.level", "The lowest level that is logged.",
      .choice("level", Logger.Level.allCases.map { ($0.rawValue, $0) }), default: "info",
      isReloadable: isReloadable, aliases: [.verbose])
  }

  /// `log.format`: the format of log lines.
  package static let logFormat = Setting(
    "log.format",
    "The format of log lines on standard error; auto is text on a terminal and json otherwise.",
    .choice("format", LogFormat.allCases.map { ($0.rawValue, $0) }), default: "auto")
}
