import COpenSSL
import Glibc

/// A TLS 1.3 connection whose handshake OpenSSL has done, and whose records are sealed and opened here.
///
/// It begins with ``TLSSession/handOver(to:)`` and is used like that session and its output: each call does what the
/// socket allows at once, and returns what it waits for. All that remains of the connection are the keys of both
/// directions, some 200 bytes; a record that the socket has not taken completely, or that has not arrived completely,
/// is kept only as long as that lasts.
///
/// It does not own the descriptor. A session is confined to the thread of its ``RecordCiphers``.
@safe
package final class RecordSession {
  /// The most bytes of one record.
  package static var contentMaximum: Int { RecordFormat.contentMaximum }

  // The fields of every write come first: they share a cache line with the object's header.

  /// True if a write may start: nothing has failed or ended, and no bytes are bound or wait.
  private(set) var isReady = true

  /// Whether data was sent since the last read.
  var wasUsed = false

  /// The socket of the session, in both directions.
  let descriptor: Int32

  let sealer: RecordSealer
  let ciphers: RecordCiphers
  var opener: RecordOpener

  /// Sealed bytes that the socket has not taken. They come before all others.
  private var unsent: [UInt8] = []

  /// How many bytes are bound to be sent: the last write accepted none, but these are sealed. The next write must
  /// begin with the same bytes.
  package private(set) var boundCount = 0

  /// Whether this side must send a KeyUpdate message before anything else.
  private var isUpdateOwed = false

  /// Whether this side has said that it sends nothing more.
  private var isShutDown = false

  /// Whether the other side has said so.
  var isPeerClosed = false

  /// The failure of the session; each later call returns it again.
  private(set) var failure: TLSFailure?

  package init(
    over descriptor: Int32, _ sealer: consuming RecordSealer, _ opener: consuming RecordOpener,
    with ciphers: RecordCiphers
  ) {
    self.descriptor = descriptor
    self.sealer = sealer
    self.opener = opener
    self.ciphers = ciphers
  }

  // MARK: Writing

  /// Writes at most one record of an array's bytes from an index on, if the socket accepts it. After `wantsWrite` the
  /// bytes are bound to be sent (``boundCount``): the next call must begin with the same bytes, and may add more.
  package func write(_ bytes: [UInt8], from start: Int = 0) -> TLSWriteHalf.WriteResult {
    if let failure { return .failed(failure) }
    guard !isShutDown else { return .failed(.afterTheEnd) }
    guard start < bytes.count else { return .wrote(0) }
    if sealer.isUpdateDue(ciphers) { isUpdateOwed = true }
    guard sendWaiting() else { return failure.map { .failed($0) } ?? .wantsWrite }
    if boundCount > 0 {
      defer {
        boundCount = 0
        isReady = true
      }
      return .wrote(boundCount)
    }
    let content = bytes[start..<min(start + RecordFormat.contentMaximum, bytes.count)]
    defer { ciphers.forgetKeys() }
    return unsafe (content + [RecordFormat.ContentType.applicationData.rawValue]).withUnsafeBytes {
      unsafe write(plaintext: $0)
    }
  }

  /// Writes one record on a session that is ready.
  ///
  /// - Parameter plaintext: the content, and the byte of its type.
  func write(plaintext: UnsafeRawBufferPointer) -> TLSWriteHalf.WriteResult {
    wasUsed = true
    guard let record = unsafe sealer.seal(plaintext, with: ciphers) else { return .failed(fail(.noCipher)) }
    let count = unsafe send(record)
    return unsafe sent(record, count, errno, contentCount: plaintext.count - 1)
  }

  /// Sends what must come before a record of a batch.
  ///
  /// - Returns: whether a record may be sealed now; if not, ``unready`` is the result of the write.
  func isReadyForBatch() -> Bool {
    if isReady, !sealer.isUpdateDue(ciphers) { return true }
    guard failure == nil, boundCount == 0, !isShutDown else { return false }
    if sealer.isUpdateDue(ciphers) { isUpdateOwed = true }
    return sendWaiting()
  }

  /// The result of a write on a session that takes no record now.
  var unready: TLSWriteHalf.WriteResult {
    if let failure { return .failed(failure) }
    return isShutDown ? .failed(.afterTheEnd) : .wantsWrite
  }

  /// Seals one record on a session that is ready; ``sent(_:_:_:contentCount:)`` must follow once the record was offered to the
  /// socket.
  ///
  /// - Parameter plaintext: the content, and the byte of its type.
  /// - Returns: the record's length; nil if sealing failed, and with it the session.
  func seal(plaintext: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    wasUsed = true
    let count = unsafe sealer.seal(plaintext, with: ciphers, into: target)
    if count == nil { _ = fail(.noCipher) }
    return count
  }

  /// A record was offered to the socket.
  ///
  /// - Parameters:
  ///   - count: how many bytes the socket took; -1 with the number of an error.
  ///   - contentCount: the length of the record's content.
  func sent(
    _ record: UnsafeRawBufferPointer, _ count: Int, _ number: Int32, contentCount: Int
  ) -> TLSWriteHalf.WriteResult {
    if count == record.count { return .wrote(contentCount) }
    guard unsafe keep(record, after: count, number) else { return .failed(failure ?? .noCipher) }
    boundCount = contentCount
    return .wantsWrite
  }

  /// Sends `close_notify`, if the socket accepts it now. Reading remains possible.
  package func shutdown() {
    guard failure == nil, !isShutDown else { return }
    isShutDown = true
    isReady = false
    sendAlert(.closeNotify)
  }

  // MARK: What the protocol sends

  /// The other side wants this side to go on to its next key. Requests that arrive before the answer is sent share
  /// it. After `close_notify` nothing may follow (RFC 8446, section 6.1).
  func keyUpdateRequested() {
    guard !isShutDown else { return }
    isUpdateOwed = true
    isReady = false
    _ = sendWaiting()
  }

  /// The session cannot go on, and the other side is told why.
  func fail(_ failure: TLSFailure, telling alert: TLSAlert) -> TLSFailure {
    if !isShutDown { sendAlert(alert) }
    return fail(failure)
  }

  /// The session cannot go on.
  func fail(_ failure: TLSFailure) -> TLSFailure {
    self.failure = failure
    isReady = false
    unsent = []
    return failure
  }

  private func sendAlert(_ alert: TLSAlert) {
    defer { ciphers.forgetKeys() }
    guard let record = unsafe sealer.seal(alert.content, as: .alert, with: ciphers) else { return }
    unsafe sendInTurn(record)
  }

  /// Sends what must come before other bytes: sealed bytes that wait, then a KeyUpdate message that is owed.
  ///
  /// - Returns: true if nothing of it is left.
  private func sendWaiting() -> Bool {
    guard sendUnsent() else { return false }
    if isUpdateOwed {
      isUpdateOwed = false
      defer { ciphers.forgetKeys() }
      guard let record = unsafe sealer.sealKeyUpdate(with: ciphers) else {
        _ = fail(.noCipher)
        return false
      }
      unsafe sendInTurn(record)
      guard unsent.isEmpty, failure == nil else { return false }
    }
    isReady = boundCount == 0 && !isShutDown
    return true
  }

  /// Sends a sealed record after those that wait.
  private func sendInTurn(_ record: UnsafeRawBufferPointer) {
    guard sendUnsent() else {
      if failure == nil { unsafe unsent.append(contentsOf: record) }
      return
    }
    let count = unsafe send(record)
    if count < record.count { _ = unsafe keep(record, after: count, errno) }
  }

  // MARK: The socket

  /// - Returns: true if nothing is left.
  private func sendUnsent() -> Bool {
    guard !unsent.isEmpty else { return true }
    let (count, number) = unsafe unsent.withUnsafeBytes { bytes in
      let count = unsafe send(bytes)
      return (count, errno)
    }
    if count == unsent.count {
      unsent = []
      return true
    }
    if count > 0 { unsent.removeFirst(count) }
    if count < 0, number != EAGAIN { _ = fail(.system(number)) }
    return false
  }

  /// Keeps the rest of a record, of which the socket took `count` bytes, or -1 with the number of an error.
  ///
  /// - Returns: false if the socket is broken.
  private func keep(_ record: UnsafeRawBufferPointer, after count: Int, _ number: Int32) -> Bool {
    if count < 0, number != EAGAIN {
      _ = fail(.system(number))
      return false
    }
    unsafe unsent.append(contentsOf: record[max(count, 0)...])
    isReady = false
    return true
  }

  /// Hands bytes to the socket, as ``TLSWriteHalf/transmit(_:)`` does.
  private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe SessionSocket.send(bytes, to: descriptor)
  }
}

extension TLSFailure {
  /// libcrypto cannot seal or open.
  fileprivate static let noCipher = TLSFailure(.other, "libcrypto does not work")
  fileprivate static let afterTheEnd = TLSFailure(.other, "nothing can be written after close_notify")
}
