import COpenSSL

/// What a client keeps of a session, to resume it over another connection (RFC 8446, section 2.2): the server's ticket and a
/// secret. The server decides whether it may.
@safe
package final class ResumableSession {
  let pointer: OpaquePointer

  /// - Returns: nil if the server has sent no ticket that can be used.
  fileprivate init?(of session: TLSSession) {
    // A copy: OpenSSL voids a session whose connection ends without close_notify, although its ticket stays good.
    guard session.isEstablished, let current = unsafe SSL_get_session(session.ssl),
      unsafe SSL_SESSION_is_resumable(current) == 1, let pointer = unsafe SSL_SESSION_dup(current)
    else { return nil }
    unsafe self.pointer = pointer
  }

  deinit { unsafe SSL_SESSION_free(pointer) }
}

extension TLSSession {
  /// On a client's side, what resumes this session. With TLS 1.3 tickets follow the handshake, so they are known only after
  /// something was read.
  package var resumable: ResumableSession? { ResumableSession(of: self) }
}
