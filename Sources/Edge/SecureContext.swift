import Logging
import Service
import Synchronization
import TLS

/// The TLS of the clients that come in at `https.listen`. The context is replaced as a whole when the certificate was renewed:
/// clients that are there keep the one that they have.
final class SecureContext: Sendable {
  private let certificateFile: String
  private let keyFile: String
  private let ticketKeys: TicketKeys
  private let context: Mutex<TLSContext>

  /// The context that the settings ask for; nil if they name no address.
  convenience init?(_ settings: EdgeSettings) throws {
    guard settings.secureListen != nil else { return nil }
    guard let certificateFile = settings.secureCertificate, let keyFile = settings.secureKey else {
      throw ConfigurationError("https.listen", "needs https.certificate and https.key")
    }
    let ticketKeys = try TicketKeys()
    let context = try ConfigurationError.naming("https.certificate, https.key") {
      try Self.context(certificateFile, keyFile, ticketKeys)
    }
    self.init(certificateFile: certificateFile, keyFile: keyFile, ticketKeys: ticketKeys, context: context)
  }

  private init(certificateFile: String, keyFile: String, ticketKeys: TicketKeys, context: TLSContext) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.ticketKeys = ticketKeys
    self.context = Mutex(context)
  }

  /// The context of whoever comes now.
  var current: TLSContext { context.withLock { $0 } }

  /// Reads the files again. A pair that cannot be used is refused, and the old one stays.
  func reload(_ logger: Logger) {
    do {
      let new = try Self.context(certificateFile, keyFile, ticketKeys)
      context.withLock { $0 = new }
      logger.notice("clients are shown the certificate anew", metadata: ["file": "\(certificateFile)"])
    } catch {
      logger.error("the new certificate is refused; the old one stays", metadata: ["reason": "\(error)"])
    }
  }

  /// Replaces the keys of session tickets; to be called once in ``TLS/TicketKeys/rotationPeriod``.
  func rotateTicketKeys(_ logger: Logger) {
    do { try ticketKeys.rotate() } catch { logger.error("the ticket keys stay: \(error)") }
  }

  private static func context(
    _ certificateFile: String, _ keyFile: String, _ ticketKeys: TicketKeys
  ) throws -> TLSContext {
    let identity = try Identity(certificateFile: certificateFile, keyFile: keyFile)
    return try TLSContext.server(identity: identity, alpn: ["http/1.1"], ticketKeys: ticketKeys)
  }
}
