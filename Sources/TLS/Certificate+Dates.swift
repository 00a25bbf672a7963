extension Certificate {
  /// The problem with its dates at a moment; nil if it is valid then.
  ///
  /// Every party judges a certificate by its own clock. This machine's clock may be the wrong one.
  func dateProblem(at unixSeconds: Int64) -> CredentialError.Problem? {
    if unixSeconds < notBefore { return .notYetValid(notBefore: notBefore) }
    // As in OpenSSL: the last second no longer counts.
    return unixSeconds >= notAfter ? .expired(notAfter: notAfter) : nil
  }
}

extension Identity {
  /// Why the certificate is not valid at a moment, in seconds since 1970; nil if it is.
  package func dateProblem(at unixSeconds: Int64) -> CredentialError? {
    certificate.dateProblem(at: unixSeconds).map { CredentialError(file: certificateFile, problem: $0) }
  }
}

extension TLSContext {
  /// Why no peer can be expected to accept this side, or to be accepted, at a moment: the own certificate is not
  /// valid then, or none of the authority's is.
  ///
  /// - Parameter unixSeconds: in seconds since 1970.
  package func dateProblem(at unixSeconds: Int64) -> CredentialError? {
    if let problem = identity?.dateProblem(at: unixSeconds) { return problem }
    guard case .file(let path) = authority else { return nil }
    let problems = authorityCertificates.map { $0.dateProblem(at: unixSeconds) }
    guard let first = problems.first, let problem = first, !problems.contains(nil) else { return nil }
    return CredentialError(file: path, problem: problem)
  }
}
