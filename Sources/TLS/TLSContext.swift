import COpenSSL

/// What all sessions of one kind share: who we are, whom we trust, and what is spoken.
///
/// To reload certificates, make a new context and use it for new sessions; sessions keep the context they
/// began with.
@safe
public final class TLSContext: @unchecked Sendable {
  // Unchecked because of the pointer alone: an SSL_CTX is changed only in the initializer, and OpenSSL's own
  // book-keeping in it (counts, SSL_new) is safe between threads.
  let pointer: OpaquePointer
  let policy: TLSPolicy
  let authority: Authority

  /// Our application protocol as it goes over the wire: a byte with its length, then its name (RFC 7301).
  let alpn: [UInt8]

  deinit { unsafe SSL_CTX_free(pointer) }

  /// The hub's side of the link: TLS 1.3 alone; the edge must show a certificate for clients that this
  /// authority signed, and name the same application protocol. Nothing is resumed, and there is no early
  /// data.
  ///
  /// - Parameters:
  ///   - identity: the hub's certificate, for servers.
  ///   - authority: the PEM file of the deployment's authority; the system's store is never used.
  ///   - alpn: the application protocol, 1 to 255 bytes.
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  public static func linkServer(identity: Identity, authority: String, alpn: String) throws -> TLSContext {
    try TLSContext(policy: .linkServer(alpn: alpn), identity: identity, authority: .file(authority))
  }

  /// The edge's side of the link: TLS 1.3 alone; the hub must show a certificate for servers that this
  /// authority signed and that is valid for the session's server name, and name the same application
  /// protocol.
  ///
  /// - Parameters:
  ///   - identity: the edge's certificate, for clients.
  ///   - authority: the PEM file of the deployment's authority; the system's store is never used.
  ///   - alpn: the application protocol, 1 to 255 bytes.
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  public static func linkClient(identity: Identity, authority: String, alpn: String) throws -> TLSContext {
    try TLSContext(policy: .linkClient(alpn: alpn), identity: identity, authority: .file(authority))
  }

  /// A client of a server that is not ours, such as Redis: TLS 1.2 or 1.3, forward secret and authenticated
  /// ciphers alone; the server's certificate must be valid for the session's server name.
  ///
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  public static func client(authority: Authority, identity: Identity? = nil) throws -> TLSContext {
    try TLSContext(policy: .client, identity: identity, authority: authority)
  }

  package init(policy: TLSPolicy, identity: Identity?, authority: Authority) throws {
    ErrorQueue.clear()
    let method = unsafe policy.role == .server ? TLS_server_method() : TLS_client_method()
    guard let pointer = unsafe SSL_CTX_new(method) else {
      throw TLSFailure(.other, "OpenSSL makes no context: \(ErrorQueue.drained().text)")
    }
    unsafe self.pointer = pointer
    self.policy = policy
    self.authority = authority
    let name = Array((policy.applicationProtocol ?? "").utf8)
    precondition(name.count <= 255, "an application protocol has at most 255 bytes")
    alpn = name.isEmpty ? [] : [UInt8(name.count)] + name
    try setProtocol()
    if let identity { try use(identity) }
    try trust(authority)
  }

  private func setProtocol() throws {
    unsafe SSL_CTX_set_options(pointer, shim_SSL_OP_STRICT)
    // Release the buffers of idle sessions; write what the socket takes, and let the rest move in memory
    // meanwhile. The chain we show is what the identity's file holds, not what the trusted store might add to
    // it.
    let mode =
      SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
      | SSL_MODE_NO_AUTO_CHAIN
    unsafe shim_SSL_CTX_set_mode(pointer, Int(mode))
    unsafe shim_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
    // Level 2, 112 bits, whatever the distribution's default may be.
    unsafe SSL_CTX_set_security_level(pointer, 2)
    let isSet = unsafe [
      shim_SSL_CTX_set_min_proto_version(pointer, policy.minimumVersion.number),
      shim_SSL_CTX_set_max_proto_version(pointer, policy.maximumVersion.number),
      SSL_CTX_set_ciphersuites(
        pointer, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"),
      SSL_CTX_set_cipher_list(pointer, "ECDHE+AESGCM:ECDHE+CHACHA20"),
      SSL_CTX_set_num_tickets(pointer, 0),
      SSL_CTX_set_max_early_data(pointer, 0),
    ].allSatisfy { $0 == 1 }
    guard isSet else { throw TLSFailure(.other, "OpenSSL refuses a setting: \(ErrorQueue.drained().text)") }
    unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, judgePeer)
    guard !alpn.isEmpty else { return }
    switch policy.role {
    case .server:
      unsafe SSL_CTX_set_alpn_select_cb(pointer, selectProtocol, Unmanaged.passUnretained(self).toOpaque())
    case .client:
      unsafe SSL_CTX_set_alpn_protos(pointer, alpn, UInt32(alpn.count))
    }
  }

  private func use(_ identity: Identity) throws {
    if policy.demandsPurpose, !identity.certificate.purposes.contains(policy.role.ownPurpose) {
      throw CredentialError(
        file: identity.certificateFile, problem: .wrongPurpose(needed: policy.role.ownPurposeName))
    }
    let isUsed =
      unsafe SSL_CTX_use_certificate(pointer, identity.chain[0].pointer) == 1
      && SSL_CTX_use_PrivateKey(pointer, identity.key.pointer) == 1
      && identity.chain.dropFirst().allSatisfy {
        unsafe shim_SSL_CTX_add1_chain_cert(pointer, $0.pointer) == 1
      }
    guard isUsed else {
      let reason = ErrorQueue.drained().text
      throw CredentialError(file: identity.certificateFile, problem: .refused(reason))
    }
  }

  private func trust(_ authority: Authority) throws {
    switch authority {
    case .file(let path):
      let store = unsafe SSL_CTX_get_cert_store(pointer)
      for certificate in try CredentialFile.read(path, isSecret: false).certificates() {
        guard unsafe X509_STORE_add_cert(store, certificate.pointer) == 1 else {
          throw CredentialError(file: path, problem: .refused(ErrorQueue.drained().text))
        }
      }
    case .systemStore:
      guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
        throw TLSFailure(.other, "the system's authorities cannot be read: \(ErrorQueue.drained().text)")
      }
    }
  }
}
