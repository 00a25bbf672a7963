import COpenSSL
import Glibc

extension TLSSession {
  /// The greatest payload of one record, in bytes (RFC 8446, section 5.1): no read or write moves more.
  public static let recordMaximum = 16_384

  /// What `handshake()` came to.
  public enum HandshakeResult: Hashable, Sendable {
    /// Done, and the peer is who it must be. In TLS 1.3 this does not mean that the server accepted a
    /// client's certificate: its refusal comes with the client's first read.
    case complete
    /// Again, when the socket is readable.
    case wantsRead
    /// Again, when the socket is writable.
    case wantsWrite
    /// Refused or broken. The peer has been told where TLS has an alert for it; close the socket.
    case failed(TLSFailure)
  }

  /// What `read` came to.
  public enum ReadResult: Hashable, Sendable {
    /// So many bytes are in the buffer, at least one.
    case bytes(Int)
    /// Nothing now; again when the socket is readable.
    case wantsRead
    /// Nothing now; again when the socket is writable.
    case wantsWrite
    /// The peer said that it will send no more (`close_notify`). It may still read.
    case closed
    /// Broken, cut off, or refused by the peer.
    case failed(TLSFailure)
  }

  /// What `write` came to.
  public enum WriteResult: Hashable, Sendable {
    /// So many bytes were taken, at least one unless none were given.
    case wrote(Int)
    /// None were taken; again, with the same bytes first, when the socket is readable.
    case wantsRead
    /// None were taken; again, with the same bytes first, when the socket is writable.
    case wantsWrite
    /// Broken, or refused by the peer.
    case failed(TLSFailure)
  }

  /// Goes on with the handshake as far as the socket allows.
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
  /// - Parameter buffer: not empty. Its bytes beyond the count of the answer may have been overwritten.
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

  /// Writes at most one record, ``recordMaximum``, if the socket takes it.
  ///
  /// - Parameter buffer: the bytes. After `wantsRead` or `wantsWrite` they are bound to be sent
  ///   (``boundCount``): the next call must begin with the same ones, at any address, with any more behind them.
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

  /// Tells the peer that we send no more (`close_notify`), if the socket takes it now. We can still read.
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

  /// Interprets a call that did not succeed; `number` is `errno` as it was right after it.
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
    // A peer that names no application protocol at all gets this far, and a server that makes one up.
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

  /// Interprets a write that took nothing; `number` is `errno` as it was right after it.
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
      // Why the peer hung up may wait to be read, and so may the last that it sent: reading stays possible.
      if let alert = waitingAlert() { return .failed(fail(alert)) }
      return .failed(failure)
    case .failed(let failure): return .failed(fail(failure))
    }
  }

  private func bind(_ offered: Int) {
    boundCount = min(offered, Self.recordMaximum)
    isReady = false
  }

  /// Checks once more, and by ourselves, what OpenSSL was told to check of the peer; nil if it may stay.
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

  /// The alert that the peer sent before it hung up, if there is one and no data before it.
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
