import HubCore
import Logging
import Primitives
import TLS

/// What the hub shows and whom it lets in: the certificates of both its doors, and the operators' tokens. All of it follows its files.
struct HubCredentials {
  private var link: Reloadable<TLSContext>
  private var doors: AdminDoors

  init(link: Reloadable<TLSContext>, doors: AdminDoors) {
    self.link = link
    self.doors = doors
  }

  /// The TLS of edges that come in now.
  var linkContext: TLSContext { link.value }
  /// The TLS of operators that come in now; nil if there is no such door.
  var adminContext: TLSContext? { doors.context }
  /// The operators' tokens in force.
  var adminTokens: AdminTokens { doors.acceptedTokens }
  /// The names that the operators' certificate bears.
  var adminNames: [String] { doors.names }

  /// When the certificates end, in seconds since 1970, by who is shown them.
  var ends: [(shownTo: String, unixSeconds: Int64)] {
    [("edges", linkContext.certificate), ("operators", adminContext?.certificate)]
      .compactMap { shownTo, certificate in certificate.map { (shownTo, $0.notAfter) } }
  }

  /// What is wrong with the dates of certificates, by the settings that name them; nil for those with which nothing is.
  func dateProblems(at unixSeconds: Int64) -> [(subject: String, reason: String?)] {
    [
      ("tls.certificate, tls.authority", linkContext.dateProblem(at: unixSeconds)?.description),
      (
        "admin.https.certificate, admin.clients.authority",
        adminContext?.dateProblem(at: unixSeconds)?.description
      ),
    ]
  }

  /// Why credentials are not read again: the old ones stay.
  struct Refusal: Error {
    /// What is wrong with them.
    let reason: String
  }

  /// Reads all files at once.
  mutating func reload() throws(Refusal) {
    if case .refused(let reason) = link.reload() { throw Refusal(reason: reason) }
    for change in doors.reload() {
      if let refusal = change.refusal { throw Refusal(reason: "\(change.what): \(refusal)") }
    }
  }

  /// Looks whether the files have changed, and takes each over that has and is good; to be called every few seconds.
  mutating func look(_ logger: Logger) {
    switch link.look() {
    case .unchanged: break
    case .renewed: logger.notice("edges are shown the certificate as it is now")
    case .refused(let reason):
      logger.error(
        "the new link certificate is refused; the old one stays", metadata: ["reason": "\(reason)"])
    }
    for change in doors.look() {
      if let refusal = change.refusal {
        logger.error("\(change.what): refused, and the old stays", metadata: ["reason": "\(refusal)"])
      } else {
        logger.notice("\(change.what): as in the file now")
      }
    }
  }
}
