import COpenSSL
import Glibc

/// The reason why the verification refused a certificate, recorded when it did.
struct CertificateRefusal {
  /// The cause: `X509_V_ERR_…`.
  let code: Int32

  /// The certificate in question: the peer's, or one above it.
  let certificate: Certificate?
}

extension TLSFailure {
  /// The failure for a refused certificate.
  init(_ refusal: CertificateRefusal, context: TLSContext, serverName: ServerName?) {
    let certificate = refusal.certificate
    let holder = "the certificate of \(certificate?.holder ?? "the peer")"
    switch refusal.code {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      self.init(.expired, "\(holder) expired on \(calendarText(certificate?.notAfter ?? 0))")
    case X509_V_ERR_CERT_NOT_YET_VALID:
      self.init(.notYetValid, "\(holder) is not valid before \(calendarText(certificate?.notBefore ?? 0))")
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_CERT_UNTRUSTED:
      let authority = context.authority?.description ?? "an authority of ours"
      self.init(.unknownAuthority, "\(holder) is not signed by \(authority)")
    case X509_V_ERR_CERT_REVOKED: self.init(.revoked, "\(holder) is revoked")
    case X509_V_ERR_INVALID_PURPOSE:
      let needed = context.policy.role.peerPurposeName
      self.init(.wrongPurpose, "\(holder) lacks \(needed) in its extended key usage")
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
      let expected = serverName?.description ?? ""
      self.init(.nameMismatch, "\(holder) is not valid for the name \(expected)")
    default:
      let text = unsafe X509_verify_cert_error_string(Int(refusal.code)).map { unsafe String(cString: $0) }
      self.init(.other, "\(holder) is refused: \(text ?? "error \(refusal.code)")")
    }
  }

  /// The failure for errors other than the verification of certificates.
  init(_ queue: ErrorQueue, policy: TLSPolicy) {
    let entries = queue.entries.filter { $0.library == ERR_LIB_SSL }
    let failures = entries.lazy.compactMap { Self.failure(for: $0, policy: policy) }
    self = failures.first ?? TLSFailure(.other, queue.text)
  }

  private static func failure(for entry: ErrorQueue.Entry, policy: TLSPolicy) -> TLSFailure? {
    switch entry.reason {
    case SSL_AD_REASON_OFFSET...:
      // OpenSSL's text is "tlsv13 alert certificate required". Its table of alerts lacks only this one.
      let words = entry.text.split(separator: " ").drop {
        ["sslv3", "tlsv1", "tlsv13", "alert"].contains($0)
      }
      let alert = "TLS alert \(entry.reason - SSL_AD_REASON_OFFSET)"
      return TLSFailure(.peerAlert, "the peer refused us: \(words.joined(separator: " ")) (\(alert))")
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return TLSFailure(.noPeerCertificate, "the peer showed no certificate")
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return .alpnMismatch(policy)
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_UNKNOWN_PROTOCOL,
      SSL_R_NO_PROTOCOLS_AVAILABLE:
      return TLSFailure(.protocolVersion, "the peer does not speak \(policy.minimumVersion) or newer")
    case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
      return TLSFailure(.notTLS, "the peer speaks HTTP without TLS")
    case SSL_R_WRONG_VERSION_NUMBER, SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_LENGTH_TOO_SHORT,
      SSL_R_LENGTH_MISMATCH, SSL_R_RECORD_LENGTH_MISMATCH, SSL_R_UNEXPECTED_MESSAGE, SSL_R_BAD_RECORD_TYPE,
      SSL_R_EXCESSIVE_MESSAGE_SIZE:
      return TLSFailure(.notTLS, "what the peer sent is not TLS")
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return TLSFailure(.reset, "the peer closed the connection without a close_notify alert")
    default:
      return nil
    }
  }

  /// The peer speaks another application protocol, or did not name one.
  static func alpnMismatch(_ policy: TLSPolicy) -> TLSFailure {
    let protocols = policy.applicationProtocols.joined(separator: " or ")
    return TLSFailure(.alpnMismatch, "the peer does not speak \(protocols) (ALPN)")
  }

  /// A system call on the socket failed.
  static func system(_ number: Int32) -> TLSFailure {
    switch number {
    case 0, EPIPE, ECONNRESET: return TLSFailure(.reset, "the peer closed the connection")
    default:
      let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
      return TLSFailure(.other, "the connection failed: \(text)")
    }
  }
}
