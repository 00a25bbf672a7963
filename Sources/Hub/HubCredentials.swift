import HubCore
import Logging
import Primitives
import TLS

/// The hub's credentials: the certificates for edges and for operators, and the operators' tokens. All of them follow
/// their files.
struct HubCredentials {
  private var link: Reloadable<TLSContext>
  private var doors: AdminCredentials

  init(link: Reloadable<TLSContext>, doors: AdminCredentials) {
    self.link = link
    self.doors = doors
  }

  /// The TLS context for new connections of edges.
  var linkContext: TLSContext { link.value }
  /// The TLS context for new connections of operators; nil without an HTTPS listener.
  var adminContext: TLSContext? { doors.context }
  /// The operators' tokens in force.
  var adminTokens: AdminTokens { doors.acceptedTokens }
  /// The names in the certificate for operators.
  var adminNames: [String] { doors.names }

  /// When the certificates expire, in seconds since 1970, by the peers that they are shown to.
  var ends: [(shownTo: String, unixSeconds: Int64)] {
    [("edges", linkContext.certificate), ("operators", adminContext?.certificate)]
      .compactMap { shownTo, certificate in certificate.map { (shownTo, $0.notAfter) } }
  }

  /// The faults of certificates' dates, by the settings that name them; nil for a valid certificate.
  func dateProblems(at unixSeconds: Int64) -> [(subject: String, reason: String?)] {
    [
      ("tls.certificate, tls.authority", linkContext.dateProblem(at: unixSeconds)?.description),
      (
        "admin.https.certificate, admin.clients.authority",
        adminContext?.dateProblem(at: unixSeconds)?.description
      ),
    ]
  }

  /// Why credentials were not replaced. The old ones stay in force.
  struct Refusal: Error {
    /// The fault of the credentials.
    let reason: String
  }

  /// Reads all files at once.
  mutating func reload() throws(Refusal) {
    if case .refused(let reason) = link.reload() { throw Refusal(reason: reason) }
    for change in doors.reload() {
      if let refusal = change.refusal { throw Refusal(reason: "\(change.what): \(refusal)") }
    }
  }

  /// Checks whether the files have changed, and uses the new ones if they are valid; to be called every few seconds.
  mutating func checkForChanges(_ logger: Logger) {
    switch link.checkForChanges() {
    case .unchanged: break
    case .renewed: logger.notice("the new link certificate is used from now on")
    case .refused(let reason):
      logger.error(
        "the new link certificate is refused; the old one stays", metadata: ["reason": "\(reason)"])
    }
    for change in doors.checkForChanges() {
      if let refusal = change.refusal {
        logger.error(
          "\(change.what): refused; the old version stays in use", metadata: ["reason": "\(refusal)"])
      } else {
        logger.notice("\(change.what): replaced from the file")
      }
    }
  }
}
