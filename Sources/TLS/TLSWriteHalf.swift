import COpenSSL
import Glibc

/// The writing half of a session: seals bytes as records, and is the only one that writes to the session's socket.
///
/// Handshake messages, tickets, alerts and answers to key updates pass through it too (``transmit(_:)``).
@safe
package final class TLSWriteHalf {
  // The fields of every write come first: they share a cache line with the object's header.
  let ssl: OpaquePointer

  /// True if a write may start: the handshake is complete, nothing has failed, and no bytes are bound.
  private(set) var isReady = false

  /// The socket of the session, in both directions.
  let descriptor: Int32

  let context: TLSContext

  /// True once the handshake is complete.
  private(set) var isEstablished = false

  /// How many bytes are bound to be sent: the last write accepted none, but up to 16 KiB of its bytes are encrypted
  /// and wait for the socket. The next write must begin with the same bytes.
  package private(set) var boundCount = 0

  /// What a hand-over will need; nil if there will be none.
  var recorder: TrafficRecorder?

  /// The failure of the session; each later call returns it again.
  private(set) var failure: TLSFailure?

  deinit { unsafe SSL_free(ssl) }

  init(context: TLSContext, descriptor: Int32) throws(TLSFailure) {
    ErrorQueue.clear()
    guard let ssl = unsafe SSL_new(context.pointer) else {
      throw TLSFailure(.other, "OpenSSL cannot create a session: \(ErrorQueue.drained().text)")
    }
    unsafe self.ssl = ssl
    self.context = context
    self.descriptor = descriptor
    guard let socket = unsafe SessionSocket.make(for: self) else {
      throw TLSFailure(.other, "OpenSSL has no memory for a socket: \(ErrorQueue.drained().text)")
    }
    unsafe SSL_set_bio(ssl, socket, socket)
  }

  /// The greatest payload of one record, in bytes (RFC 8446, section 5.1): no read or write moves more.
  package static let recordMaximum = 16_384

  /// The result of `write`.
  package enum WriteResult: Hashable, Sendable {
    /// The number of bytes written, at least one unless none were given.
    case wrote(Int)
    /// Nothing was written; call again, with the same bytes first, when the socket is readable.
    case wantsRead
    /// Nothing was written; call again, with the same bytes first, when the socket is writable.
    case wantsWrite
    /// Broken, or refused by the peer.
    case failed(TLSFailure)
  }

  /// Writes at most one record of an array's bytes from an index on. See `write(_:)` for an unsafe buffer.
  package func write(_ bytes: [UInt8], from start: Int = 0) -> WriteResult {
    unsafe bytes.withUnsafeBytes { unsafe write(UnsafeRawBufferPointer(rebasing: $0[start...])) }
  }

  /// Writes at most one record, ``recordMaximum``, if the socket accepts it.
  ///
  /// - Parameter buffer: the bytes. After `wantsRead` or `wantsWrite` they are bound to be sent (``boundCount``): the
  ///   next call must begin with the same bytes, at any address, and may add more.
  package func write(_ buffer: UnsafeRawBufferPointer) -> WriteResult {
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
  package func shutdown() {
    guard isEstablished, failure == nil else { return }
    sendClosure()
  }

  func sendClosure() {
    ErrorQueue.clear()
    unsafe SSL_shutdown(ssl)
    ErrorQueue.clear()
  }

  /// Hands OpenSSL's records to the socket: all bytes of the session leave here.
  ///
  /// - Returns: the number of bytes that the socket took, or -1 with `errno`.
  func transmit(_ records: UnsafeRawBufferPointer) -> Int {
    unsafe SessionSocket.send(records, to: descriptor)
  }

  // MARK: State

  /// The handshake is complete.
  func established() {
    isEstablished = true
    isReady = true
  }

  /// Another object writes to the socket from now on.
  func handedOver() {
    isEstablished = false
    isReady = false
  }

  /// A write accepted nothing, and the beginning of its bytes is sealed.
  func bind(_ offered: Int) {
    boundCount = min(offered, Self.recordMaximum)
    isReady = false
  }

  /// The session cannot go on.
  func fail(_ failure: TLSFailure) -> TLSFailure {
    self.failure = failure
    isReady = false
    return failure
  }
}
