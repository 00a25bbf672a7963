import COpenSSL
import Glibc

extension TLSSession {
  /// The result of `handshake()`.
  package enum HandshakeResult: Hashable, Sendable {
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

  /// Continues the handshake as far as the socket allows.
  package func handshake() -> HandshakeResult {
    if let failure = output.failure { return .failed(failure) }
    if isEstablished { return .complete }
    ErrorQueue.clear()
    let status = unsafe SSL_do_handshake(ssl)
    if status == 1 { return concludeHandshake() }
    return switch output.outcome(of: status, errno) {
    case .wantsRead: .wantsRead
    case .wantsWrite: .wantsWrite
    case .closed:
      .failed(output.fail(TLSFailure(.reset, "the peer closed the connection during the handshake")))
    case .broken(let failure): .failed(output.fail(failure))
    case .violated(let failure):
      .failed(
        output.fail(
          refusal.map { TLSFailure($0, context: context, serverName: serverName) } ?? failure))
    }
  }

  private func concludeHandshake() -> HandshakeResult {
    let policy = context.policy
    if policy.demandsCertificate, let failure = judgement() { return .failed(output.fail(failure)) }
    // A peer that names no application protocol gets this far, and so does a server that invents one.
    let isAgreed =
      protocolName.map { name in policy.applicationProtocols.contains { $0.utf8.elementsEqual(name.utf8) } }
      ?? !policy.demandsProtocol
    guard isAgreed else {
      output.sendClosure()
      return .failed(output.fail(.alpnMismatch(policy)))
    }
    if recordSuite == nil { output.forgetRecorder() }
    output.established()
    return .complete
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
    let own: Int32? =
      context.revoked.contains(certificate)
      ? X509_V_ERR_CERT_REVOKED : isForThis ? nil : X509_V_ERR_INVALID_PURPOSE
    let code = verdict == Int(X509_V_OK) ? own ?? X509_V_OK : Int32(verdict)
    guard code == X509_V_OK else {
      let refusal = CertificateRefusal(code: code, certificate: certificate)
      return TLSFailure(refusal, context: context, serverName: serverName)
    }
    peer = certificate
    return nil
  }
}
