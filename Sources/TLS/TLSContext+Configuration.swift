import COpenSSL

// The settings that the initializer makes in OpenSSL, once and in this order.

extension TLSContext {
  func configure() throws {
    // Release the buffers of idle sessions; accept partial writes, and a retry from another address. The chain sent
    // is the one in the identity's file, without additions from the trusted store.
    let mode =
      SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
      | SSL_MODE_NO_AUTO_CHAIN
    unsafe shim_SSL_CTX_set_mode(pointer, Int(mode))
    unsafe SSL_CTX_set_options(pointer, shim_SSL_OP_STRICT)
    unsafe shim_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
    // Level 2, 112 bits, whatever the distribution's default may be.
    unsafe SSL_CTX_set_security_level(pointer, 2)
    let preference = CipherPreference.here
    try require(
      unsafe [
        shim_SSL_CTX_set_min_proto_version(pointer, policy.minimumVersion.number),
        shim_SSL_CTX_set_max_proto_version(pointer, policy.maximumVersion.number),
        SSL_CTX_set_ciphersuites(pointer, preference.suites),
        SSL_CTX_set_cipher_list(pointer, preference.ciphers),
        // Without the large finite fields that OpenSSL would add: a client could cause much work with them.
        shim_SSL_CTX_set1_groups_list(pointer, "X25519:P-256:P-384"),
        SSL_CTX_set_max_early_data(pointer, 0),
      ])
    if policy.demandsCertificate {
      let demand = policy.acceptsNoCertificate ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT
      unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | demand, judgePeer)
    }
    if policy.allowsHandOver { unsafe SSL_CTX_set_keylog_callback(pointer, noteSecret) }
    try issueTickets()
    negotiateProtocol()
  }

  private func issueTickets() throws {
    guard ticketKeys != nil else {
      unsafe SSL_CTX_set_options(pointer, shim_SSL_OP_NO_TICKET)
      return try require([unsafe SSL_CTX_set_num_tickets(pointer, 0)])
    }
    unsafe SSL_CTX_set_timeout(pointer, Int(TicketKeys.ticketLifetime.components.seconds))
    // One per connection: a client needs as many tickets as it has connections that may break.
    try require(
      unsafe [
        SSL_CTX_set_num_tickets(pointer, 1), SSL_CTX_set_tlsext_ticket_key_evp_cb(pointer, setUpTicketKey),
      ])
  }

  private func negotiateProtocol() {
    guard !protocols.isEmpty else { return }
    switch policy.role {
    case .server:
      unsafe SSL_CTX_set_alpn_select_cb(pointer, selectProtocol, Unmanaged.passUnretained(self).toOpaque())
    case .client:
      let list = Array(protocols.joined())
      unsafe SSL_CTX_set_alpn_protos(pointer, list, UInt32(list.count))
    }
  }

  private func require(_ results: [Int32]) throws {
    guard results.allSatisfy({ $0 == 1 }) else {
      throw TLSFailure(.other, "OpenSSL refuses a setting: \(ErrorQueue.drained().text)")
    }
  }

  func use(_ identity: Identity) throws {
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

  /// The certificates of an authority; empty for the system's store.
  static func certificates(of authority: Authority) throws(CredentialError) -> [CertificateHandle] {
    guard case .file(let path) = authority else { return [] }
    return try CredentialFile.read(path, isSecret: false).certificates()
  }

  func trust(_ authority: Authority, _ certificates: [CertificateHandle]) throws {
    switch authority {
    case .file(let path):
      let store = unsafe SSL_CTX_get_cert_store(pointer)
      for certificate in certificates {
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
