import Logging
import Reactor
import Service
import Synchronization
import TLS

/// The TLS for clients at `https.listen`. A renewed certificate replaces the whole context; clients that are
/// connected keep the old one.
final class SecureContext: Sendable {
  /// HTTP/2's name in ALPN.
  static let http2 = "h2"

  /// The keys of session tickets.
  let tickets: SessionTickets
  private let context: Mutex<ReloadableContext>

  /// The context that the settings ask for.
  init(_ settings: EdgeSettings) throws {
    guard let certificateFile = settings.secureCertificate, let keyFile = settings.secureKey else {
      throw ConfigurationError("https.listen", "needs https.certificate and https.key")
    }
    let tickets = try SessionTickets(now: MonotonicClock.now())
    self.tickets = tickets
    context = Mutex(
      try ConfigurationError.naming("https.certificate, https.key") {
        try .server(
          certificateFile: certificateFile, keyFile: keyFile,
          alpn: settings.http2Enabled ? [Self.http2, "http/1.1"] : ["http/1.1"], ticketKeys: tickets.inUse)
      })
  }

  /// The context for new connections.
  var current: TLSContext { context.withLock { $0.context } }

  /// Reads the files again if they have changed; to be called every few seconds.
  func checkForChanges(_ logger: Logger) {
    log(context.withLock { $0.checkForChanges() }, logger)
  }

  /// Reads the files again.
  func renew() throws(ConfigurationError) {
    if case .refused(let reason) = context.withLock({ $0.reload() }) {
      throw ConfigurationError("https.certificate, https.key", "cannot be used: \(reason)")
    }
  }

  private func log(_ outcome: ReloadableContext.Outcome, _ logger: Logger) {
    switch outcome {
    case .unchanged: break
    case .renewed: logger.notice("new clients get the new certificate")
    case .refused(let reason):
      logger.error("the new certificate is refused; the old one stays", metadata: ["reason": "\(reason)"])
    }
  }
}
