import COpenSSL

/// One side's identity on the link: a certificate with the chain that leads to its authority, and its private key.
///
/// Both are read from PEM files and checked together, so that a bad pair is refused at the start (or at a reload,
/// where the old pair stays in use) and not by the first peer. The dates are not checked then, because they depend on
/// a clock that may be wrong: see ``dateProblem(at:)``.
package struct Identity: Sendable {
  /// The identity's own certificate.
  package let certificate: Certificate

  /// The path of the certificate file.
  package let certificateFile: String

  let chain: [CertificateHandle]
  let key: KeyHandle

  /// Reads and checks a certificate and its key.
  ///
  /// - Parameters:
  ///   - certificateFile: the own certificate first, then any intermediate ones; PEM.
  ///   - keyFile: the private key; PEM, not encrypted. Only its owner, this process's user or root, may be able to
  ///     read it; root may also open it to one group.
  /// - Throws: the file and its problem.
  package init(certificateFile: String, keyFile: String) throws(CredentialError) {
    let certificates = try CredentialFile.read(certificateFile, isSecret: false).certificates()
    let key = try CredentialFile.read(keyFile, isSecret: true).privateKey()
    let own = certificates[0]
    certificate = unsafe Certificate(reading: own.pointer)
    self.certificateFile = certificateFile
    chain = certificates
    self.key = key
    defer { ErrorQueue.clear() }
    guard unsafe X509_check_private_key(own.pointer, key.pointer) == 1 else {
      throw CredentialError(file: keyFile, problem: .keyMismatch(certificateFile: certificateFile))
    }
  }
}
