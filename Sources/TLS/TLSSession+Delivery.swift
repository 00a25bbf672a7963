import COpenSSL
import Glibc

extension TLSSession {
  /// The innermost loop of an edge: writes the same bytes on many sessions and tells of those that did not take
  /// them whole.
  ///
  /// It crosses the module's border once for all of them, and allocates nothing of its own. Each session gets
  /// what one ``write(_:)`` would give it, and its result means the same; but one with bytes bound from before
  /// (``boundCount``) is left alone, for other bytes must not come in between.
  ///
  /// - Parameters:
  ///   - bytes: of more than ``recordMaximum`` every session takes so many at most.
  ///   - sessions: each with its handshake complete; it may have failed since.
  ///   - onShort: called with the index in `sessions` and what the write came to; `wantsWrite` where bytes are
  ///     bound. It may use any session.
  public static func write(
    _ bytes: [UInt8], toEach sessions: [TLSSession], onShort: (Int, WriteResult) -> Void
  ) {
    guard !bytes.isEmpty else { return }
    unsafe bytes.withUnsafeBytes { content in
      // A write that succeeds notes no error, and one that does not clears what it noted: so the error queue
      // needs to be cleared only where others were at work.
      ErrorQueue.clear()
      var count = 0
      for index in sessions.indices {
        if index + 1 < sessions.count { sessions[index + 1].prefetch() }
        guard sessions[index].isReady else {
          onShort(index, sessions[index].unready)
          ErrorQueue.clear()
          continue
        }
        let status = unsafe SSL_write_ex(sessions[index].ssl, content.baseAddress, content.count, &count)
        if status == 1, count == content.count { continue }
        let number = errno
        let session = sessions[index]
        onShort(
          index, status == 1 ? .wrote(count) : session.shortWrite(status, number, offered: content.count))
        ErrorQueue.clear()
      }
    }
  }

  /// Has the session on its way from memory while another one is written to: with thousands of them none is in
  /// a cache any more when its turn comes.
  private func prefetch() { unsafe shim_prefetch(Unmanaged.passUnretained(self).toOpaque()) }

  /// What a write on a session that is not ready comes to.
  private var unready: WriteResult {
    if let failure { return .failed(failure) }
    precondition(isEstablished, "the handshake comes first")
    return .wantsWrite
  }
}
