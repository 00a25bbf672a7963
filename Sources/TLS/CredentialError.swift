/// Why a certificate, key or authority file cannot be used. The text names the file and the remedy.
package struct CredentialError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The possible problems.
  package enum Problem: Hashable, Sendable {
    /// There is no such file.
    case missing
    /// It cannot be opened or read; the text is the system's reason.
    case unreadable(String)
    /// It exceeds a limit in bytes that is generous for a certificate or key.
    case tooLarge(limit: Int)
    /// Users other than its owner can read this secret file; the text gives its owner and mode.
    case exposed(String)
    /// It contains no certificate in PEM form, or a broken one.
    case noCertificate
    /// It contains no revocation list in PEM form, or a broken one.
    case noRevocationList
    /// One of its revocation lists is not signed by the authority.
    case foreignRevocationList
    /// One of its revocation lists is not a complete one.
    case partialRevocationList
    /// It contains no private key in PEM form, or a broken one.
    case noKey
    /// Its private key is encrypted, and a service cannot ask for the passphrase.
    case encryptedKey
    /// Its private key does not belong to the certificate in the other file.
    case keyMismatch(certificateFile: String)
    /// Its certificate has expired. Seconds since 1970.
    case expired(notAfter: Int64)
    /// Its certificate is not valid yet. Seconds since 1970.
    case notYetValid(notBefore: Int64)
    /// Its certificate does not name this purpose: `serverAuth` or `clientAuth`.
    case wrongPurpose(needed: String)
    /// OpenSSL refused it for this reason, for example a key or signature that is too weak.
    case refused(String)
  }

  /// The path as it was given.
  package let file: String

  /// The problem of the file.
  package let problem: Problem

  /// An error about a file.
  package init(file: String, problem: Problem) {
    self.file = file
    self.problem = problem
  }

  /// A sentence that begins with the file.
  package var description: String {
    switch problem {
    case .missing: "\(file): there is no such file"
    case .unreadable(let reason): "\(file): cannot be read: \(reason)"
    case .tooLarge(let limit): "\(file): is longer than \(limit) bytes"
    case .exposed(let how):
      "\(file): this file \(how); close it to others: its user's own (chmod 600), or root's and readable by one group (chmod 640)"
    case .noCertificate: "\(file): holds no certificate in PEM form, or a broken one"
    case .noRevocationList:
      "\(file): holds no revocation list in PEM form, or a broken one; openssl ca -gencrl makes one"
    case .foreignRevocationList: "\(file): holds a revocation list that the authority did not sign"
    case .partialRevocationList:
      "\(file): holds a revocation list of a part of the certificates; give the authority's complete list"
    case .noKey: "\(file): holds no private key in PEM form, or a broken one"
    case .encryptedKey: "\(file): this private key is encrypted; store it without a passphrase"
    case .keyMismatch(let certificateFile):
      "\(file): this private key does not belong to the certificate in \(certificateFile)"
    case .expired(let notAfter): "\(file): this certificate expired on \(calendarText(notAfter))"
    case .notYetValid(let notBefore):
      "\(file): this certificate is not valid before \(calendarText(notBefore))"
    case .wrongPurpose(let needed): "\(file): this certificate lacks \(needed) in its extended key usage"
    case .refused(let reason): "\(file): OpenSSL refuses it: \(reason)"
    }
  }
}
