import COpenSSL
import Glibc

/// One TLS connection over a non-blocking stream socket.
///
/// It knows no event loop: each call does what the socket allows at once and returns what it waits for. First call
/// `handshake()` until it is complete, then `read`, and `write` of its ``output``, at the end `shutdown()` of that.
/// After `wantsRead` or `wantsWrite`, repeat the call once the socket is readable or writable.
///
/// The session does not own the descriptor: its owner closes it once the session and its output are gone or no longer
/// used. A session is confined to one thread at a time.
@safe
package final class TLSSession {
  /// The writing half: all that the session sends goes through it.
  package let output: TLSWriteHalf

  /// The context that it began with.
  package var context: TLSContext { output.context }

  /// The name that the server's certificate is checked for; nil on the server's side.
  package let serverName: ServerName?

  /// The peer's certificate; nil until the handshake is complete.
  package internal(set) var peer: Certificate?

  /// True once the handshake is complete and the peer is verified.
  package var isEstablished: Bool { output.isEstablished }

  /// Why the verification refused the peer's chain.
  var refusal: CertificateRefusal?

  /// OpenSSL's state, which the writing half owns.
  var ssl: OpaquePointer { unsafe output.ssl }

  /// A session with a client that has connected.
  ///
  /// - Parameters:
  ///   - descriptor: a connected, non-blocking stream socket.
  ///   - context: a context for servers.
  ///   - handsOver: whether ``handOver(to:)`` may be called after the handshake; the context must allow it.
  /// - Throws: if OpenSSL has no memory for it.
  package convenience init(
    accepting descriptor: Int32, context: TLSContext, handsOver: Bool = false
  ) throws(TLSFailure) {
    precondition(context.policy.role == .server, "this context is for clients")
    try self.init(context: context, descriptor: descriptor, serverName: nil)
    unsafe SSL_set_accept_state(ssl)
    if handsOver, context.policy.allowsHandOver { recordTraffic() }
  }

  /// A session with a server.
  ///
  /// - Parameters:
  ///   - descriptor: a connected, non-blocking stream socket.
  ///   - serverName: the server's certificate must be valid for it; also sent to the server, unless it is an address.
  ///   - context: a context for clients.
  ///   - resumable: an earlier session with this server, to be resumed if the server still can. Its certificate was verified then, and
  ///     is not again.
  /// - Throws: if OpenSSL has no memory for it.
  package convenience init(
    connecting descriptor: Int32, to serverName: ServerName, context: TLSContext,
    resuming resumable: ResumableSession? = nil
  ) throws(TLSFailure) {
    precondition(context.policy.role == .client, "this context is for servers")
    try self.init(context: context, descriptor: descriptor, serverName: serverName)
    unsafe SSL_set_connect_state(ssl)
    let parameters = unsafe SSL_get0_param(ssl)
    let isSet: Bool
    if serverName.isAddress {
      isSet = unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName.description) == 1
    } else {
      // Names count, the subject never does; and `*` stands for a whole label or for nothing.
      unsafe X509_VERIFY_PARAM_set_hostflags(
        parameters, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
      isSet =
        unsafe X509_VERIFY_PARAM_set1_host(parameters, serverName.description, 0) == 1
        && shim_SSL_set_tlsext_host_name(ssl, serverName.description) == 1
    }
    guard isSet else { throw TLSFailure(.other, "OpenSSL refuses the name \(serverName)") }
    if let resumable { unsafe SSL_set_session(ssl, resumable.pointer) }
  }

  private init(context: TLSContext, descriptor: Int32, serverName: ServerName?) throws(TLSFailure) {
    output = try TLSWriteHalf(context: context, descriptor: descriptor)
    self.serverName = serverName
    guard unsafe SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque()) == 1 else {
      throw TLSFailure(.other, "OpenSSL refuses the session: \(ErrorQueue.drained().text)")
    }
  }

  /// The session of an `SSL`, which OpenSSL passes to a callback. The callbacks that ask for it run within
  /// `handshake()`: later the session may be gone before its writing half.
  static func owner(of ssl: OpaquePointer) -> TLSSession? {
    unsafe SSL_get_ex_data(ssl, 0).map { unsafe Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }
}

extension TLSSession {
  /// The negotiated application protocol (ALPN); nil if there is none.
  package var protocolName: String? {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(ssl, &name, &count)
    guard count > 0 else { return nil }
    return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
  }

  /// The cipher in OpenSSL's words, such as `TLS_AES_128_GCM_SHA256`; nil before it is negotiated.
  package var cipher: String? {
    guard let current = unsafe SSL_get_current_cipher(ssl) else { return nil }
    return unsafe SSL_CIPHER_get_name(current).map { unsafe String(cString: $0) }
  }

  /// The version in OpenSSL's words, such as `TLSv1.3`.
  package var version: String { unsafe String(cString: SSL_get_version(ssl)) }

  /// True if the client resumed a session with a ticket.
  package var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

  /// True if `read` may return bytes without the socket becoming readable again. To be checked after reading stopped
  /// before `wantsRead`.
  package var hasPending: Bool { unsafe SSL_has_pending(ssl) == 1 }
}
