import Service
import TLS

extension PreflightReport {
  /// How many days before its expiry a certificate causes a warning.
  private static let expiryDays: Int64 = 7

  /// Checks a certificate and its key: form, permissions of the files, match, dates, and chain to the authority.
  ///
  /// - Parameters:
  ///   - subject: the settings that name the files.
  ///   - authority: the file of the authority that peers trust; nil if that is not known.
  ///   - purpose: the purpose of the certificate.
  ///   - unixSeconds: the time, in seconds since 1970.
  /// - Returns: the identity; nil if it cannot be used.
  package mutating func certificate(
    _ subject: String, file: String, key: String, authority: String?, purpose: Certificate.Purposes,
    unixSeconds: Int64
  ) -> Identity? {
    let renew = "renew it; a running process reads it again on SIGHUP"
    guard
      let identity = attempt(
        subject, remedy: "give a certificate that is valid, with its own key",
        { try Identity(certificateFile: file, keyFile: key) })
    else { return nil }
    if let problem = identity.dateProblem(at: unixSeconds) {
      fail(
        subject, "\(problem)",
        remedy: "\(renew). If the clock is wrong, set it: the certificate is then used without a restart")
      return nil
    }
    let purposes = identity.certificate.purposes
    guard purposes.contains(purpose) || (purposes.isEmpty && authority == nil) else {
      fail(
        subject, "lacks \(purpose == .client ? "clientAuth" : "serverAuth") in its extended key usage",
        remedy: "have it signed for that purpose")
      return nil
    }
    if let authority {
      guard
        let problem = attempt(
          subject, remedy: "give the authority's certificate in PEM",
          { try identity.chainProblem(authority: authority, purpose: purpose) })
      else { return nil }
      if let problem {
        fail(
          subject, "does not lead to \(authority): \(problem)",
          remedy: "have that authority sign it, or add the intermediate certificates to the file")
        return nil
      }
    }
    let days = (identity.certificate.notAfter - unixSeconds) / 86_400
    let names = identity.certificate.names.joined(separator: ", ")
    let text = "\(names.isEmpty ? identity.certificate.subject : names), valid for \(days) more days"
    if days < Self.expiryDays { warn(subject, text, remedy: renew) } else { ok(subject, text) }
    return identity
  }
}
