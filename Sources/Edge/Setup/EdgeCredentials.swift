import Logging
import Service
import TLS

/// The edge's certificates: one for the links, one for clients. Both follow their files.
struct EdgeCredentials: Sendable {
  /// The TLS for the links to hubs.
  let link: LinkCredentials
  /// The TLS for clients; nil without a listener for it.
  let clients: SecureContext?

  /// When the certificates expire, in seconds since 1970, by the peers that they are shown to.
  var ends: [(shownTo: String, unixSeconds: Int64)] {
    [("hubs", link.current.certificate), ("clients", clients?.current.certificate)]
      .compactMap { shownTo, certificate in certificate.map { (shownTo, $0.notAfter) } }
  }

  /// The faults of certificates' dates, by the settings that name them; nil for a valid certificate.
  func dateProblems(at unixSeconds: Int64) -> [(subject: String, reason: String?)] {
    [
      ("tls.certificate, tls.authority", link.current.dateProblem(at: unixSeconds)?.description),
      ("https.certificate", clients?.current.dateProblem(at: unixSeconds)?.description),
    ]
  }

  /// Checks whether the files have changed, and takes over those that are valid; to be called every few seconds.
  func checkForChanges(_ logger: Logger) {
    clients?.checkForChanges(logger)
    link.checkForChanges(logger)
  }

  /// Reads all files again.
  func renew() throws(ConfigurationError) {
    try clients?.renew()
    try link.renew()
  }
}
