import COpenSSL
import Glibc

extension TLSWriteHalf {
  /// The innermost loop of an edge: writes the same bytes on many sessions, and reports incomplete writes.
  ///
  /// It crosses the module's border once for all sessions, and allocates nothing of its own. Each session gets the
  /// same as from one ``write(_:)``, with the same result; but a session with bytes bound from before
  /// (``boundCount``) is left alone, because other bytes must not come in between.
  ///
  /// - Parameters:
  ///   - bytes: beyond ``recordMaximum`` bytes the rest is not written.
  ///   - sessions: each with its handshake complete; it may have failed since.
  ///   - onShort: called with the position in `sessions` and the result of an incomplete write; `wantsWrite` if bytes
  ///     are bound. It may use any session.
  package static func write(
    _ bytes: [UInt8], toEach sessions: ArraySlice<TLSWriteHalf>, onShort: (Int, WriteResult) -> Void
  ) {
    guard !bytes.isEmpty else { return }
    unsafe bytes.withUnsafeBytes { content in
      // A successful write records no error, and a failed one clears its errors: so the error queue needs to be
      // cleared only after other calls.
      ErrorQueue.clear()
      var count = 0
      for index in sessions.indices {
        if index + 1 < sessions.endIndex { sessions[index + 1].prefetch() }
        guard sessions[index].isReady else {
          onShort(index - sessions.startIndex, sessions[index].unready)
          ErrorQueue.clear()
          continue
        }
        let status = unsafe SSL_write_ex(sessions[index].ssl, content.baseAddress, content.count, &count)
        if status == 1, count == content.count { continue }
        let number = errno
        let session = sessions[index]
        onShort(
          index - sessions.startIndex,
          status == 1 ? .wrote(count) : session.shortWrite(status, number, offered: content.count))
        ErrorQueue.clear()
      }
    }
  }

  /// Prefetches the session while another one is written to: with thousands of sessions none is still cached when its
  /// turn comes.
  private func prefetch() { unsafe shim_prefetch(Unmanaged.passUnretained(self).toOpaque()) }

  /// The result of a write on a session that is not ready.
  private var unready: WriteResult {
    if let failure { return .failed(failure) }
    precondition(isEstablished, "the handshake comes first")
    return .wantsWrite
  }
}
