import COpenSSL

// The two places where OpenSSL calls us. Both run inside `TLSSession.handshake()`, on its thread.

/// Called for each certificate of the peer's chain: notes what is wrong, and demands the purpose to be named.
///
/// OpenSSL lets a certificate without an extended key usage pass for any purpose; that will not do here.
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
    guard policy.demandsPurpose, isPeer, !isForThis else { return 1 }
    unsafe X509_STORE_CTX_set_error(verification, X509_V_ERR_INVALID_PURPOSE)
  }
  let code = unsafe X509_STORE_CTX_get_error(verification)
  session.refusal = CertificateRefusal(code: code, certificate: certificate)
  return 0
}

/// Called on the server for a client that names application protocols: takes ours, or refuses the client.
///
/// The answer points into the client's own list, which OpenSSL keeps until it has copied it.
func selectProtocol(
  ssl: OpaquePointer?, selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  selectedCount: UnsafeMutablePointer<UInt8>?, offered: UnsafePointer<UInt8>?, offeredCount: UInt32,
  argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let argument = unsafe argument else { return SSL_TLSEXT_ERR_ALERT_FATAL }
  let own = unsafe Unmanaged<TLSContext>.fromOpaque(argument).takeUnretainedValue().alpn
  let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
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
  return SSL_TLSEXT_ERR_ALERT_FATAL
}
