/// Why a session failed: a reason to count by, and a sentence for the log.
package struct TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The reason; its raw value is the word in logs, metrics and admin answers.
  package enum Reason: String, Hashable, Sendable, CaseIterable {
    /// The peer presented no certificate where one is required.
    case noPeerCertificate = "no-peer-certificate"
    /// The peer's certificate, or one above it, has expired.
    case expired = "certificate-expired"
    /// The peer's certificate, or one above it, is not valid yet.
    case notYetValid = "certificate-not-yet-valid"
    /// No trusted authority has signed the peer's certificate.
    case unknownAuthority = "unknown-authority"
    /// The authority has revoked the peer's certificate, or one above it.
    case revoked = "certificate-revoked"
    /// The peer's certificate is not for the peer's role.
    case wrongPurpose = "wrong-purpose"
    /// The server's certificate is not valid for the requested name.
    case nameMismatch = "name-mismatch"
    /// The peer does not speak the required application protocol.
    case alpnMismatch = "alpn-mismatch"
    /// The peer refused the session with an alert.
    case peerAlert = "peer-alert"
    /// The peer supports only versions of TLS that this side does not.
    case protocolVersion = "protocol-version"
    /// The received bytes are not TLS.
    case notTLS = "not-tls"
    /// The connection broke, or the peer closed it without `close_notify`: received data may be incomplete.
    case reset = "reset"
    /// Any other failure; the sentence has OpenSSL's words.
    case other = "other"
  }

  /// The reason.
  package let reason: Reason

  /// A sentence without capital and full stop; it names the certificate and the relevant date or name. It contains no
  /// unescaped bytes of the peer.
  package let description: String

  /// A failure.
  package init(_ reason: Reason, _ description: String) {
    self.reason = reason
    self.description = description
  }
}
