import Logging
import Service
import Synchronization
import TLS
import Wire

/// The edge's TLS for its links. A renewed certificate replaces it; links that are up keep the old one.
final class LinkCredentials: Sendable {
  /// The name in the certificate. It is also the edge's name, and never changes.
  let holder: String
  private let context: Mutex<Reloadable<TLSContext>>

  /// - Throws: ``Service/ConfigurationError`` if the files that the settings name cannot be used.
  init(_ settings: EdgeSettings) throws {
    let (certificate, key, authority) = (settings.certificate, settings.privateKey, settings.authority)
    let holder = try ConfigurationError.naming("tls.certificate, tls.key") {
      try Identity(certificateFile: certificate, keyFile: key).certificate.holder
    }
    self.holder = holder
    let revocations = settings.revocations
    context = Mutex(
      try ConfigurationError.naming("tls.certificate, tls.authority, tls.revocations") {
        try .context(files: [certificate, key, authority] + [revocations].compactMap(\.self)) {
          let identity = try Identity(certificateFile: certificate, keyFile: key)
          guard identity.certificate.holder.utf8.elementsEqual(holder.utf8) else {
            throw ConfigurationError(
              certificate, "names '\(identity.certificate.holder)', and not '\(holder)': that needs a restart"
            )
          }
          return try TLSContext.linkClient(
            identity: identity, authority: authority, revocations: revocations,
            alpn: RelayProtocol.applicationProtocolName)
        }
      })
  }

  /// The TLS context for the next link.
  var current: TLSContext { context.withLock { $0.value } }

  /// Reads the files again if they have changed; to be called every few seconds.
  func checkForChanges(_ logger: Logger) {
    switch context.withLock({ $0.checkForChanges() }) {
    case .unchanged: break
    case .renewed: logger.notice("the new link certificate is used from the next link on")
    case .refused(let reason):
      logger.error(
        "the new link certificate is refused; the old one stays", metadata: ["reason": "\(reason)"])
    }
  }

  /// Reads the files again.
  func renew() throws(ConfigurationError) {
    if case .refused(let reason) = context.withLock({ $0.reload() }) {
      throw ConfigurationError(
        "tls.certificate, tls.key, tls.authority, tls.revocations", "cannot be used: \(reason)")
    }
  }
}
