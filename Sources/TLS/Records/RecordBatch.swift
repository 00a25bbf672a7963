import COpenSSL

/// Records of the same bytes for many sessions, one after another in memory: sealed first, and then sent all at once.
///
/// ```
/// while next < sessions.count {
///   next = batch.seal(bytes, for: sessions, from: next) { index, result in … }
///   // Each record is offered to its socket. If that does not take all of it:
///   let result = batch.sent(position, count, number, by: sessions)
/// }
/// ```
@safe
package struct RecordBatch {
  private let countMaximum: Int
  /// The memory for records: room for hundreds of usual ones, and for any one.
  package private(set) var records = [UInt8](repeating: 0, count: 128 * 1024)
  /// Where each record ends in ``records``; it begins where the one before it ends.
  package private(set) var ends: [Int] = []
  /// The socket of each record, borrowed.
  package private(set) var sockets: [Int32] = []
  /// The session of each record, by its position among those that were given.
  package private(set) var indices: [Int] = []
  /// How many of the bytes are in the records.
  package private(set) var contentCount = 0

  /// - Parameter countMaximum: the most records of a batch.
  package init(countMaximum: Int) {
    self.countMaximum = countMaximum
    ends.reserveCapacity(countMaximum)
    sockets.reserveCapacity(countMaximum)
    indices.reserveCapacity(countMaximum)
  }

  /// Replaces the batch by records for the sessions from a position on, as many as there is room for.
  ///
  /// - Parameters:
  ///   - bytes: those beyond 16,384, one record, are not sealed (``contentCount``).
  ///   - sessions: of one thread; they may have failed. Nothing else may be written on those in the batch before their
  ///     records were offered to the sockets.
  ///   - onShort: called with the position in `sessions` and the result, for a session that gets no record now: it has failed, or bytes are
  ///     bound to it from before (``RecordSession/boundCount``), and others must not come in between.
  /// - Returns: the position of the first session that is left for another batch.
  package mutating func seal(
    _ bytes: [UInt8], for sessions: ArraySlice<RecordSession>, from first: Int,
    onShort: (Int, TLSWriteHalf.WriteResult) -> Void
  ) -> Int {
    ends.removeAll(keepingCapacity: true)
    sockets.removeAll(keepingCapacity: true)
    indices.removeAll(keepingCapacity: true)
    contentCount = min(bytes.count, RecordFormat.contentMaximum)
    guard contentCount > 0, let ciphers = sessions.first?.ciphers else { return sessions.count }
    defer { ciphers.forgetKeys() }
    let plaintext = bytes[..<contentCount] + [RecordFormat.ContentType.applicationData.rawValue]
    let length = RecordFormat.headerCount + plaintext.count + RecordSuite.tagCount
    var index = first
    var end = 0
    unsafe plaintext.withUnsafeBytes { plaintext in
      unsafe records.withUnsafeMutableBytes { records in
        while index < sessions.count, ends.count < countMaximum, end + length <= records.count {
          sessions.prefetch(for: sessions.startIndex + index)
          let session = sessions[sessions.startIndex + index]
          let target = unsafe UnsafeMutableRawBufferPointer(rebasing: records[end...])
          if session.isReadyForBatch(), let count = unsafe session.seal(plaintext: plaintext, into: target) {
            end += count
            ends.append(end)
            sockets.append(session.descriptor)
            indices.append(index)
          } else {
            onShort(index, session.unready)
          }
          index += 1
        }
      }
    }
    return index
  }

  /// A record was offered to its socket, which did not take all of it.
  ///
  /// - Parameters:
  ///   - position: the record's place in the batch.
  ///   - count: how many bytes the socket took; -1 with the number of an error.
  ///   - sessions: those that were given to ``seal(_:for:from:onShort:)``.
  /// - Returns: what the session's own write would have returned: `wantsWrite` if the rest is bound to be sent.
  package func sent(
    _ position: Int, _ count: Int, _ number: Int32, by sessions: ArraySlice<RecordSession>
  ) -> TLSWriteHalf.WriteResult {
    let start = position == 0 ? 0 : ends[position - 1]
    return unsafe records.withUnsafeBytes { records in
      unsafe sessions[sessions.startIndex + indices[position]].sent(
        UnsafeRawBufferPointer(rebasing: records[start..<ends[position]]), count, number,
        contentCount: contentCount)
    }
  }
}

extension ArraySlice<RecordSession> {
  /// Prefetches what the next sessions' records need, while that of the one at an index is sealed: with thousands of sessions nothing of
  /// them is still cached when their turn comes. A session's keys are in memory of their own.
  fileprivate func prefetch(for index: Int) {
    if index + 1 < endIndex { self[index + 1].sealer.prefetch() }
    guard index + 2 < endIndex else { return }
    unsafe withUnsafeBytes { references in
      let place = (index + 2 - startIndex) * MemoryLayout<RecordSession>.stride
      unsafe shim_prefetch(references.load(fromByteOffset: place, as: UnsafeRawPointer.self))
    }
  }
}
