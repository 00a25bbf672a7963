import COpenSSL
import Glibc

extension TLSSession {
  /// The greatest payload of one record, in bytes (RFC 8446, section 5.1): no read or write moves more.
  public static let recordMaximum = 16_384

  /// The result of `handshake()`.
  public enum HandshakeResult: Hashable, Sendable {
    /// Complete, and the peer is verified. In TLS 1.3 this does not mean that the server accepted a client's
    /// certificate: its refusal arrives with the client's first read.
    case complete
    /// Call again when the socket is readable.
    case wantsRead
    /// Call again when the socket is writable.
    case wantsWrite
    /// Refused or broken. The peer has been sent an alert if TLS has one for the reason; close the socket.
    case failed(TLSFailure)
  }

  /// The result of `read`.
  public enum ReadResult: Hashable, Sendable {
    /// The number of bytes in the buffer, at least one.
    case bytes(Int)
    /// No bytes; call again when the socket is readable.
    case wantsRead
    /// No bytes; call again when the socket is writable.
    case wantsWrite
    /// The peer will send no more (`close_notify`). It may still read.
    case closed
    /// Broken, cut off, or refused by the peer.
    case failed(TLSFailure)
  }

  /// The result of `write`.
  public enum WriteResult: Hashable, Sendable {
    /// The number of bytes written, at least one unless none were given.
    case wrote(Int)
    /// Nothing was written; call again, with the same bytes first, when the socket is readable.
    case wantsRead
    /// Nothing was written; call again, with the same bytes first, when the socket is writable.
    case wantsWrite
    /// Broken, or refused by the peer.
    case failed(TLSFailure)
  }

  /// Continues the handshake as far as the socket allows.
  public func handshake() -> HandshakeResult {
    if let failure { return .failed(failure) }
    if isEstablished { return .complete }
    ErrorQueue.clear()
    let status = unsafe SSL_do_handshake(ssl)
    if status == 1 { return concludeHandshake() }
    return switch outcome(of: status, errno) {
    case .wantsRead: .wantsRead
    case .wantsWrite: .wantsWrite
    case .closed: .failed(fail(TLSFailure(.reset, "the peer closed the connection during the handshake")))
    case .failed(let failure): .failed(fail(failure))
    }
  }

  /// Reads at most one record, ``recordMaximum``.
  ///
  /// - Parameter buffer: not empty. Bytes beyond the returned count may have been overwritten.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
    if let failure { return .failed(failure) }
    precondition(isEstablished, "the handshake comes first")
    ErrorQueue.clear()
    var count = 0
    let status = unsafe SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
    if status == 1 { return .bytes(count) }
    return switch outcome(of: status, errno) {
    case .wantsRead: .wantsRead
    case .wantsWrite: .wantsWrite
    case .closed: .closed
    case .failed(let failure): .failed(fail(failure))
    }
  }

  /// Reads at most one record into the beginning of an array.
  ///
  /// - Parameters:
  ///   - buffer: not empty. Its bytes beyond the count of the answer may have been overwritten.
  ///   - limit: how many bytes are read at most, at least 1.
  public func read(into buffer: inout [UInt8], limit: Int = .max) -> ReadResult {
    unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(limit)))
    }
  }

  /// Writes at most one record of an array's bytes from an index on. See `write(_:)` for an unsafe buffer.
  public func write(_ bytes: [UInt8], from start: Int = 0) -> WriteResult {
    unsafe bytes.withUnsafeBytes { unsafe write(UnsafeRawBufferPointer(rebasing: $0[start...])) }
  }

  /// Writes at most one record, ``recordMaximum``, if the socket accepts it.
  ///
  /// - Parameter buffer: the bytes. After `wantsRead` or `wantsWrite` they are bound to be sent (``boundCount``): the
  ///   next call must begin with the same bytes, at any address, and may add more.
  public func write(_ buffer: UnsafeRawBufferPointer) -> WriteResult {
    if let failure { return .failed(failure) }
    precondition(isEstablished, "the handshake comes first")
    guard unsafe !buffer.isEmpty else { return .wrote(0) }
    ErrorQueue.clear()
    var count = 0
    let status = unsafe SSL_write_ex(ssl, buffer.baseAddress, buffer.count, &count)
    guard status == 1 else { return shortWrite(status, errno, offered: buffer.count) }
    if boundCount > 0 {
      boundCount = 0
      isReady = true
    }
    return .wrote(count)
  }

  /// Sends `close_notify`, if the socket accepts it now. Reading remains possible.
  public func shutdown() {
    guard isEstablished, failure == nil else { return }
    ErrorQueue.clear()
    unsafe SSL_shutdown(ssl)
    ErrorQueue.clear()
  }
}

extension TLSSession {
  private enum Outcome {
    case wantsRead
    case wantsWrite
    case closed
    case failed(TLSFailure)
  }

  /// Interprets a failed call; `number` is `errno` immediately after it.
  private func outcome(of status: Int32, _ number: Int32) -> Outcome {
    let kind = unsafe SSL_get_error(ssl, status)
    let queue = ErrorQueue.drained()
    switch kind {
    case SSL_ERROR_WANT_READ: return .wantsRead
    case SSL_ERROR_WANT_WRITE: return .wantsWrite
    case SSL_ERROR_ZERO_RETURN: return .closed
    case SSL_ERROR_SYSCALL: return .failed(.system(number))
    default:
      if let refusal {
        return .failed(TLSFailure(refusal, context: context, serverName: serverName))
      }
      return .failed(TLSFailure(queue, policy: context.policy))
    }
  }

  private func concludeHandshake() -> HandshakeResult {
    let policy = context.policy
    if policy.demandsCertificate, let failure = judgement() { return .failed(fail(failure)) }
    // A peer that names no application protocol gets this far, and so does a server that invents one.
    let isAgreed =
      protocolName.map { name in policy.applicationProtocols.contains { $0.utf8.elementsEqual(name.utf8) } }
      ?? !policy.demandsProtocol
    guard isAgreed else {
      unsafe SSL_shutdown(ssl)
      ErrorQueue.clear()
      return .failed(fail(.alpnMismatch(policy)))
    }
    isEstablished = true
    isReady = true
    return .complete
  }

  /// Interprets a write that accepted nothing; `number` is `errno` immediately after it.
  func shortWrite(_ status: Int32, _ number: Int32, offered: Int) -> WriteResult {
    switch outcome(of: status, number) {
    case .wantsRead:
      bind(offered)
      return .wantsRead
    case .wantsWrite:
      bind(offered)
      return .wantsWrite
    case .closed: return .failed(TLSFailure(.reset, "the peer closed the connection"))
    case .failed(let failure) where failure.reason == .reset:
      // The peer's last data or the reason for its hang-up may wait to be read, so reading stays possible.
      if let alert = waitingAlert() { return .failed(fail(alert)) }
      return .failed(failure)
    case .failed(let failure): return .failed(fail(failure))
    }
  }

  private func bind(_ offered: Int) {
    boundCount = min(offered, Self.recordMaximum)
    isReady = false
  }

  /// Repeats the peer checks that OpenSSL was configured to do; nil if the peer passes.
  private func judgement() -> TLSFailure? {
    let policy = context.policy
    guard let x509 = unsafe SSL_get0_peer_certificate(ssl) else {
      if policy.acceptsNoCertificate { return nil }
      return TLSFailure(.noPeerCertificate, "the peer showed no certificate")
    }
    let certificate = unsafe Certificate(reading: x509)
    let verdict = unsafe SSL_get_verify_result(ssl)
    let isForThis = !policy.demandsPurpose || certificate.purposes.contains(policy.role.peerPurpose)
    let code = verdict == Int(X509_V_OK) && !isForThis ? X509_V_ERR_INVALID_PURPOSE : Int32(verdict)
    guard code == X509_V_OK else {
      let refusal = CertificateRefusal(code: code, certificate: certificate)
      return TLSFailure(refusal, context: context, serverName: serverName)
    }
    peer = certificate
    return nil
  }

  private func fail(_ failure: TLSFailure) -> TLSFailure {
    self.failure = failure
    isReady = false
    return failure
  }

  /// The alert that the peer sent before it hung up, if there is one and no data precedes it.
  private func waitingAlert() -> TLSFailure? {
    ErrorQueue.clear()
    var byte: UInt8 = 0
    let status = unsafe SSL_peek(ssl, &byte, 1)
    guard status <= 0, case .failed(let failure) = outcome(of: status, errno), failure.reason == .peerAlert
    else {
      return nil
    }
    return failure
  }
}
