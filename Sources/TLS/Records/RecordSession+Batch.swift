import COpenSSL

extension RecordSession {
  /// The innermost loop of an edge: seals the same bytes for many sessions, sends each its record, and reports
  /// incomplete writes.
  ///
  /// Each session gets the same as from one ``write(_:from:)``, with the same result; but a session with bytes bound
  /// from before (``boundCount``) is left alone, because other bytes must not come in between.
  ///
  /// - Parameters:
  ///   - bytes: beyond one record, 16,384 bytes, the rest is not written.
  ///   - sessions: of one thread; they may have failed.
  ///   - onShort: called with the index in `sessions` and the result of an incomplete write; `wantsWrite` if bytes
  ///     are bound. It may use any session.
  package static func write(
    _ bytes: [UInt8], toEach sessions: [RecordSession],
    onShort: (Int, TLSWriteHalf.WriteResult) -> Void
  ) {
    guard !bytes.isEmpty, let ciphers = sessions.first?.ciphers else { return }
    let count = min(bytes.count, RecordFormat.contentMaximum)
    let plaintext = bytes[..<count] + [RecordFormat.ContentType.applicationData.rawValue]
    unsafe plaintext.withUnsafeBytes { plaintext in
      for index in sessions.indices {
        if index + 1 < sessions.count { sessions[index + 1].prefetch() }
        let session = sessions[index]
        let result =
          session.isReady && !session.sealer.isUpdateDue(ciphers)
          ? unsafe session.write(plaintext: plaintext) : session.writeUnready(bytes)
        if case .wrote(bytes.count) = result { continue }
        onShort(index, result)
      }
    }
    ciphers.forgetKeys()
  }

  private func writeUnready(_ bytes: [UInt8]) -> TLSWriteHalf.WriteResult {
    boundCount > 0 && failure == nil ? .wantsWrite : write(bytes)
  }

  /// Prefetches the session while another one is written to: with thousands of sessions none is still cached when its
  /// turn comes.
  private func prefetch() {
    unsafe shim_prefetch(Unmanaged.passUnretained(self).toOpaque())
  }
}
