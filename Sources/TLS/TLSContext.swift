import COpenSSL

/// The settings that sessions of one kind share: the identity, the trusted authority, and the protocols.
///
/// To reload certificates, make a new context and use it for new sessions; sessions keep the context they began with.
/// ``ReloadableContext`` does so when files change.
@safe
package final class TLSContext: @unchecked Sendable {
  // Unchecked only because of the pointer: an SSL_CTX is changed only in the initializer, and OpenSSL's own
  // bookkeeping in it (counts, SSL_new) is thread-safe.
  let pointer: OpaquePointer
  let policy: TLSPolicy
  let authority: Authority?
  let identity: Identity?

  /// The authority's certificates; empty for those of the system.
  let authorityCertificates: [Certificate]

  /// The peers' certificates that are refused although the authority signed them. They are those of the file when the
  /// context was made: a peer that is connected must be checked again when there is a new context.
  package let revoked: RevokedCertificates

  /// The own certificate; nil for a client without one.
  package var certificate: Certificate? { identity?.certificate }

  /// The keys for session tickets; nil if none are issued.
  let ticketKeys: TicketKeys?

  /// The own application protocols in wire format, the best first: each a length byte, then the name (RFC 7301).
  let protocols: [[UInt8]]

  deinit { unsafe SSL_CTX_free(pointer) }

  /// The hub's side of the link: only TLS 1.3. The edge must present a certificate for clients that this authority
  /// signed, and name the same application protocol. There is no resumption and no early data.
  ///
  /// - Parameters:
  ///   - identity: the hub's certificate, for servers.
  ///   - authority: the PEM file of the deployment's authority; the system's store is never used.
  ///   - revocations: the PEM file of the authority's revocation lists; nil if nothing is revoked.
  ///   - alpn: the application protocol, 1 to 255 bytes.
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  package static func linkServer(
    identity: Identity, authority: String, revocations: String? = nil, alpn: String
  ) throws -> TLSContext {
    try TLSContext(
      policy: .linkServer(alpn: alpn), identity: identity, authority: .file(authority),
      revocations: revocations)
  }

  /// The edge's side of the link: only TLS 1.3. The hub must present a certificate for servers that this authority
  /// signed and that is valid for the session's server name, and select the same application protocol.
  ///
  /// - Parameters:
  ///   - identity: the edge's certificate, for clients.
  ///   - authority: the PEM file of the deployment's authority; the system's store is never used.
  ///   - revocations: the PEM file of the authority's revocation lists; nil if nothing is revoked.
  ///   - alpn: the application protocol, 1 to 255 bytes.
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  package static func linkClient(
    identity: Identity, authority: String, revocations: String? = nil, alpn: String
  ) throws -> TLSContext {
    try TLSContext(
      policy: .linkClient(alpn: alpn), identity: identity, authority: .file(authority),
      revocations: revocations)
  }

  /// A client of a foreign server, such as Redis: TLS 1.2 or 1.3 with only forward secret and authenticated ciphers.
  /// The server's certificate must be valid for the session's server name.
  ///
  /// - Parameter alpn: the application protocols of which the server must choose one, each 1 to 255 bytes; empty if none
  ///   is negotiated.
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  package static func client(
    authority: Authority, identity: Identity? = nil, alpn: [String] = []
  ) throws -> TLSContext {
    try TLSContext(policy: .client(alpn: alpn), identity: identity, authority: authority)
  }

  /// An edge's side towards its clients, which need no certificate: TLS 1.2 or 1.3 with only forward secret and
  /// authenticated ciphers. The name that a client requests (SNI) does not matter. A client may resume an earlier
  /// session with a ticket; there is no early data and no renegotiation.
  ///
  /// - Parameters:
  ///   - identity: the certificate for clients, with the chain that leads to an authority they trust.
  ///   - alpn: the application protocols, the best first, each 1 to 255 bytes. A client that names only others is
  ///     refused (RFC 7301, section 3.2); a client that names none is accepted, and ``TLSSession/protocolName`` is
  ///     then nil.
  ///   - ticketKeys: the same for all successive contexts, so that clients can resume across a reload.
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  package static func server(
    identity: Identity, alpn: [String], ticketKeys: TicketKeys
  ) throws -> TLSContext {
    let purposes = identity.certificate.purposes
    guard purposes.isEmpty || purposes.contains(.server) else {
      throw CredentialError(file: identity.certificateFile, problem: .wrongPurpose(needed: "serverAuth"))
    }
    return try TLSContext(
      policy: .server(alpn: alpn), identity: identity, authority: nil, ticketKeys: ticketKeys)
  }

  /// A hub's side towards its operators: TLS 1.2 or 1.3 with only forward secret and authenticated ciphers. There is
  /// no resumption.
  ///
  /// - Parameters:
  ///   - identity: the hub's certificate; it must be for servers.
  ///   - authority: the PEM file of an authority for operators' certificates. A client may present one that it signed
  ///     for clients, or none; any other ends the handshake. Without an authority no certificate is requested.
  ///   - revocations: the PEM file of that authority's revocation lists; nil if nothing is revoked.
  ///   - alpn: the application protocols, as in ``server(identity:alpn:ticketKeys:)``.
  /// - Throws: `CredentialError` about a file; `TLSFailure` if OpenSSL itself does not work.
  package static func adminServer(
    identity: Identity, authority: String?, revocations: String? = nil, alpn: [String]
  ) throws -> TLSContext {
    try TLSContext(
      policy: .adminServer(alpn: alpn, knowsClients: authority != nil), identity: identity,
      authority: authority.map(Authority.file), revocations: revocations)
  }

  package init(
    policy: TLSPolicy, identity: Identity?, authority: Authority?, revocations: String? = nil,
    ticketKeys: TicketKeys? = nil
  ) throws {
    let trusted = try authority.map(Self.certificates) ?? []
    revoked = try revocations.map { try RevokedCertificates(file: $0, signedBy: trusted) } ?? .none
    authorityCertificates = trusted.map { unsafe Certificate(reading: $0.pointer) }
    ErrorQueue.clear()
    let method = unsafe policy.role == .server ? TLS_server_method() : TLS_client_method()
    guard let pointer = unsafe SSL_CTX_new(method) else {
      throw TLSFailure(.other, "OpenSSL cannot create a context: \(ErrorQueue.drained().text)")
    }
    unsafe self.pointer = pointer
    self.policy = policy
    self.authority = authority
    self.identity = identity
    self.ticketKeys = ticketKeys
    protocols = policy.applicationProtocols.map { name in
      precondition((1...255).contains(name.utf8.count), "an application protocol has 1 to 255 bytes")
      return [UInt8(name.utf8.count)] + name.utf8
    }
    try configure()
    if let identity { try use(identity) }
    if let authority { try trust(authority, trusted) }
  }
}
