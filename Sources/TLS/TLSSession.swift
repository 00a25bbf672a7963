import COpenSSL
import Glibc

/// One TLS connection over a non-blocking stream socket.
///
/// It knows no event loop: each call does what the socket allows at once and says what it waits for. First
/// `handshake()` until it is complete, then `read` and `write`, at the end `shutdown()`. After `wantsRead` or
/// `wantsWrite` make the same call again once the socket is readable or writable.
///
/// The session does not own the descriptor: whoever opened it closes it, after the session is gone or no
/// longer used. It is confined to one thread at a time. OpenSSL writes with `write(2)`, so **the process must
/// ignore SIGPIPE**.
@safe
public final class TLSSession {
  // First what each write needs: it is then in one cache line with the object's head.
  let ssl: OpaquePointer

  /// True if a write may begin: the handshake is complete, nothing has failed, and no bytes are bound.
  var isReady = false

  /// The context that it began with.
  public let context: TLSContext

  /// The name that the server's certificate is checked for; nil where we are the server.
  public let serverName: ServerName?

  /// What the peer's certificate says; nil until the handshake is complete.
  public internal(set) var peer: Certificate?

  /// True once the handshake is complete and the peer is who it must be.
  public internal(set) var isEstablished = false

  /// How many bytes are bound to be sent: the last write took none, but what it was given up to 16 KiB is
  /// encrypted and waits for the socket. The next write must begin with the same ones.
  public internal(set) var boundCount = 0

  /// What the session failed with; each later call answers the same.
  var failure: TLSFailure?

  /// What the verification held against the peer's chain.
  var refusal: CertificateRefusal?

  deinit { unsafe SSL_free(ssl) }

  /// A session with a peer that connected to us.
  ///
  /// - Parameters:
  ///   - descriptor: a connected, non-blocking stream socket.
  ///   - context: a context for servers.
  /// - Throws: if OpenSSL has no memory for it.
  public convenience init(accepting descriptor: Int32, context: TLSContext) throws(TLSFailure) {
    precondition(context.policy.role == .server, "this context is for clients")
    try self.init(context: context, descriptor: descriptor, serverName: nil)
    unsafe SSL_set_accept_state(ssl)
  }

  /// A session with a server that we connected to.
  ///
  /// - Parameters:
  ///   - descriptor: a connected, non-blocking stream socket.
  ///   - serverName: what the server's certificate must be valid for; sent to it
  ///     too, unless it is an address.
  ///   - context: a context for clients.
  /// - Throws: if OpenSSL has no memory for it.
  public convenience init(
    connecting descriptor: Int32, to serverName: ServerName, context: TLSContext
  ) throws(TLSFailure) {
    precondition(context.policy.role == .client, "this context is for servers")
    try self.init(context: context, descriptor: descriptor, serverName: serverName)
    unsafe SSL_set_connect_state(ssl)
    let parameters = unsafe SSL_get0_param(ssl)
    let isSet: Bool
    if serverName.isAddress {
      isSet = unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName.description) == 1
    } else {
      // The names count, the subject never does; and `*` stands for a whole label or for nothing.
      unsafe X509_VERIFY_PARAM_set_hostflags(
        parameters, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
      isSet =
        unsafe X509_VERIFY_PARAM_set1_host(parameters, serverName.description, 0) == 1
        && shim_SSL_set_tlsext_host_name(ssl, serverName.description) == 1
    }
    guard isSet else { throw TLSFailure(.other, "OpenSSL refuses the name \(serverName)") }
  }

  private init(context: TLSContext, descriptor: Int32, serverName: ServerName?) throws(TLSFailure) {
    ErrorQueue.clear()
    guard let ssl = unsafe SSL_new(context.pointer) else {
      throw TLSFailure(.other, "OpenSSL makes no session: \(ErrorQueue.drained().text)")
    }
    unsafe self.ssl = ssl
    self.context = context
    self.serverName = serverName
    let isSet =
      unsafe SSL_set_fd(ssl, descriptor) == 1
      && SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque()) == 1
    guard isSet else { throw TLSFailure(.other, "OpenSSL refuses the socket: \(ErrorQueue.drained().text)") }
  }

  /// The session that an `SSL` belongs to: what OpenSSL hands to a callback.
  static func owner(of ssl: OpaquePointer) -> TLSSession? {
    unsafe SSL_get_ex_data(ssl, 0).map { unsafe Unmanaged.fromOpaque($0).takeUnretainedValue() }
  }
}

extension TLSSession {
  /// The application protocol that was agreed on (ALPN); nil if none was.
  public var protocolName: String? {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    unsafe SSL_get0_alpn_selected(ssl, &name, &count)
    guard count > 0 else { return nil }
    return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
  }

  /// The cipher in OpenSSL's words, such as `TLS_AES_128_GCM_SHA256`; nil before it is agreed on.
  public var cipher: String? {
    guard let current = unsafe SSL_get_current_cipher(ssl) else { return nil }
    return unsafe SSL_CIPHER_get_name(current).map { unsafe String(cString: $0) }
  }

  /// The version in OpenSSL's words, such as `TLSv1.3`.
  public var version: String { unsafe String(cString: SSL_get_version(ssl)) }

  /// True if the handshake was short because the client brought a ticket of ours.
  public var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

  /// True if the kernel encrypts what we write (`CONFIG_TLS`): then `sendfile` and the like would work too, and
  /// OpenSSL needs no buffer for it.
  public var usesKernelTLS: Bool { unsafe shim_BIO_get_ktls_send(SSL_get_wbio(ssl)) == 1 }

  /// True if `read` may have bytes without the socket becoming readable again. Ask when you stopped reading
  /// before it answered `wantsRead`.
  public var hasPending: Bool { unsafe SSL_has_pending(ssl) == 1 }
}
