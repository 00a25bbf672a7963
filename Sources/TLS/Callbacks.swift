import COpenSSL
import Glibc

// The callbacks of OpenSSL. All but `noteMessage` run inside `TLSSession.handshake()` only, on its thread.

/// Called for each certificate of the peer's chain: records what is wrong, and requires the purpose to be named.
///
/// OpenSSL accepts a certificate without an extended key usage for any purpose; the link must not.
func judgePeer(isFineSoFar: Int32, verification: OpaquePointer?) -> Int32 {
  let index = SSL_get_ex_data_X509_STORE_CTX_idx()
  guard let ssl = unsafe X509_STORE_CTX_get_ex_data(verification, index),
    let session = unsafe TLSSession.owner(of: OpaquePointer(ssl))
  else { return 0 }
  let certificate = unsafe X509_STORE_CTX_get_current_cert(verification).map {
    unsafe Certificate(reading: $0)
  }
  if isFineSoFar == 1 {
    let policy = session.context.policy
    let isPeer = unsafe X509_STORE_CTX_get_error_depth(verification) == 0
    let isForThis = certificate?.purposes.contains(policy.role.peerPurpose) ?? false
    // Of each certificate of the chain: an authority below ours may be revoked too.
    let isRevoked = certificate.map(session.context.revoked.contains) ?? false
    guard isRevoked || (policy.demandsPurpose && isPeer && !isForThis) else { return 1 }
    unsafe X509_STORE_CTX_set_error(
      verification, isRevoked ? X509_V_ERR_CERT_REVOKED : X509_V_ERR_INVALID_PURPOSE)
  }
  let code = unsafe X509_STORE_CTX_get_error(verification)
  session.refusal = CertificateRefusal(code: code, certificate: certificate)
  return 0
}

/// Called on the server for a client that names application protocols: selects the server's most preferred one, or
/// refuses the client, as RFC 7301, section 3.2 demands.
///
/// The answer points into the client's own list, which OpenSSL keeps until it has copied it.
func selectProtocol(
  ssl: OpaquePointer?, selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  selectedCount: UnsafeMutablePointer<UInt8>?, offered: UnsafePointer<UInt8>?, offeredCount: UInt32,
  argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let argument = unsafe argument else { return SSL_TLSEXT_ERR_ALERT_FATAL }
  let context = unsafe Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue()
  let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
  for own in context.protocols {
    var start = 0
    while start < list.count {
      let end = start + 1 + Int(unsafe list[start])
      guard end <= list.count else { break }
      if unsafe list[start..<end].elementsEqual(own) {
        unsafe selected?.pointee = offered?.advanced(by: start + 1)
        unsafe selectedCount?.pointee = UInt8(end - start - 1)
        return SSL_TLSEXT_ERR_OK
      }
      start = end
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// Called on the server whenever it seals or opens a session ticket: gives OpenSSL the key.
///
/// - Parameter isSealing: 1 to seal a new ticket, 0 to open a client's.
/// - Returns: 1 for a key in use; 2 if a new ticket is to be issued: for a key that only opens, and always in TLS 1.3,
///   where a client uses a ticket once (RFC 8446 App. C.4); 0 for an unknown or forgotten key: the client gets a full
///   handshake; -1 ends the handshake.
func setUpTicketKey(
  ssl: OpaquePointer?, name: UnsafeMutablePointer<UInt8>?, vector: UnsafeMutablePointer<UInt8>?,
  cipher: OpaquePointer?, authentication: OpaquePointer?, isSealing: Int32
) -> Int32 {
  guard let ssl = unsafe ssl, let name = unsafe name, let vector = unsafe vector,
    let keys = unsafe TLSSession.owner(of: ssl)?.context.ticketKeys
  else { return -1 }
  if isSealing == 1 {
    guard unsafe keys.newest.seal(name: name, vector: vector, cipher, authentication) else { return -1 }
    return 1
  }
  guard let (key, isNewest) = unsafe keys.key(named: name) else { return 0 }
  guard unsafe key.open(vector: vector, cipher, authentication) else { return -1 }
  return unsafe isNewest && SSL_version(ssl) != TLS1_3_VERSION ? 1 : 2
}

/// Called for each secret of a handshake, at the moment when OpenSSL begins to use it. OpenSSL wipes the line
/// afterwards.
func noteSecret(ssl: OpaquePointer?, line: UnsafePointer<CChar>?) {
  guard let ssl = unsafe ssl, let line = unsafe line, let session = unsafe TLSSession.owner(of: ssl),
    let recorder = session.output.recorder, let suite = session.recordSuite
  else { return }
  let text = unsafe UnsafeRawBufferPointer(start: line, count: strlen(line))
  unsafe recorder.secretLogged(text.assumingMemoryBound(to: UInt8.self), suite)
}

/// Called for each message and record in both directions, as long as the session may be handed over.
///
/// - Parameters:
///   - isSent: 1 for what this side sends.
///   - type: the type of the message, or one of OpenSSL's words for the parts of a record.
///   - content: the message. Of a protected record, its true type.
///   - argument: the session's `TrafficRecorder`, which its writing half owns.
func noteMessage(
  isSent: Int32, version: Int32, type: Int32, content: UnsafeRawPointer?, count: Int, ssl: OpaquePointer?,
  argument: UnsafeMutableRawPointer?
) {
  guard let argument = unsafe argument else { return }
  let recorder = unsafe Unmanaged<TrafficRecorder>.fromOpaque(argument).takeUnretainedValue()
  switch type {
  case SSL3_RT_HEADER where isSent == 0: recorder.recordBegan()
  case SSL3_RT_INNER_CONTENT_TYPE:
    recorder.recordProcessed(isSealed: isSent == 1)
    if isSent == 0, count > 0, unsafe content?.load(as: UInt8.self) == UInt8(SSL3_RT_HANDSHAKE) {
      recorder.keyUpdated()
    }
  case SSL3_RT_HANDSHAKE:
    if count > 0, unsafe content?.load(as: UInt8.self) == UInt8(SSL3_MT_KEY_UPDATE) { recorder.keyUpdated() }
  default: break
  }
}
