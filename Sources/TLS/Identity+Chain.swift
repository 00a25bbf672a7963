import COpenSSL

extension Identity {
  /// Checks whether the certificates lead to an authority, for a purpose, as a peer that trusts that authority will.
  ///
  /// - Parameters:
  ///   - authority: the PEM file of the authority.
  ///   - purpose: the purpose to check for.
  /// - Returns: why not, in OpenSSL's words; nil if they do.
  /// - Throws: the problem with the file.
  package func chainProblem(authority: String, purpose: Certificate.Purposes) throws(CredentialError)
    -> String?
  {
    let authorities = try CredentialFile.read(authority, isSecret: false).certificates()
    let store = unsafe X509_STORE_new()
    defer { unsafe X509_STORE_free(store) }
    for certificate in authorities { unsafe X509_STORE_add_cert(store, certificate.pointer) }
    let others = unsafe shim_sk_X509_new_null()
    defer { unsafe shim_sk_X509_free(others) }
    for certificate in chain.dropFirst() { unsafe shim_sk_X509_push(others, certificate.pointer) }
    let context = unsafe X509_STORE_CTX_new()
    defer { unsafe X509_STORE_CTX_free(context) }
    ErrorQueue.clear()
    defer { ErrorQueue.clear() }
    guard unsafe X509_STORE_CTX_init(context, store, chain[0].pointer, others) == 1 else {
      return ErrorQueue.drained().text
    }
    unsafe X509_STORE_CTX_set_default(context, purpose == .client ? "ssl_client" : "ssl_server")
    if unsafe X509_verify_cert(context) == 1 { return nil }
    let code = unsafe X509_STORE_CTX_get_error(context)
    return unsafe X509_verify_cert_error_string(Int(code)).map { unsafe String(cString: $0) }
      ?? "error \(code)"
  }
}
