/// Why a session failed: a reason to count by, and a sentence for the log.
public struct TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The reason; its text is the same word in log, metric and admin answer.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// The peer showed no certificate where one is required.
    case noPeerCertificate = "no-peer-certificate"
    /// The peer's certificate, or one above it, has expired.
    case expired = "certificate-expired"
    /// The peer's certificate, or one above it, is not valid yet.
    case notYetValid = "certificate-not-yet-valid"
    /// No authority that we trust has signed the peer's certificate.
    case unknownAuthority = "unknown-authority"
    /// The peer's certificate is not for what the peer does with it.
    case wrongPurpose = "wrong-purpose"
    /// The server's certificate is for other names than the one we meant to reach.
    case nameMismatch = "name-mismatch"
    /// The peer does not speak our application protocol.
    case alpnMismatch = "alpn-mismatch"
    /// The peer refused us, and said why.
    case peerAlert = "peer-alert"
    /// The peer speaks only versions of TLS that we do not.
    case protocolVersion = "protocol-version"
    /// What the peer sent is not TLS.
    case notTLS = "not-tls"
    /// The connection broke, or the peer closed it without saying so in TLS: what it sent may be incomplete.
    case reset = "reset"
    /// Anything else; the sentence has OpenSSL's words.
    case other = "other"
  }

  /// The reason.
  public let reason: Reason

  /// A sentence without capital and full stop; it names the certificate and the date or name that matter.
  /// No byte of it comes from the peer unescaped.
  public let description: String

  /// A failure.
  public init(_ reason: Reason, _ description: String) {
    self.reason = reason
    self.description = description
  }
}
