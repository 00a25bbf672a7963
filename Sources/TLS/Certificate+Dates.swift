extension Certificate {
  /// What is wrong with its dates at a moment; nil if it is valid then.
  ///
  /// Whoever judges a certificate does so by a clock of its own. Ours may be the one that is wrong.
  func dateProblem(at unixSeconds: Int64) -> CredentialError.Problem? {
    if unixSeconds < notBefore { return .notYetValid(notBefore: notBefore) }
    // As OpenSSL has it: the last second no longer counts.
    return unixSeconds >= notAfter ? .expired(notAfter: notAfter) : nil
  }
}

extension Identity {
  /// Why the certificate is not valid at a moment, in seconds since 1970; nil if it is.
  public func dateProblem(at unixSeconds: Int64) -> CredentialError? {
    certificate.dateProblem(at: unixSeconds).map { CredentialError(file: certificateFile, problem: $0) }
  }
}

extension TLSContext {
  /// Why no peer can be expected to accept us, or be accepted, at a moment: our certificate is not valid then, or none of
  /// the authority's is.
  ///
  /// - Parameter unixSeconds: in seconds since 1970.
  public func dateProblem(at unixSeconds: Int64) -> CredentialError? {
    if let problem = identity?.dateProblem(at: unixSeconds) { return problem }
    guard case .file(let path) = authority else { return nil }
    let problems = authorityCertificates.map { $0.dateProblem(at: unixSeconds) }
    guard let first = problems.first, let problem = first, !problems.contains(nil) else { return nil }
    return CredentialError(file: path, problem: problem)
  }
}
