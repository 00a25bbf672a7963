import EdgeCore
import Glibc
import Primitives
import Reactor
import TLS
import Uring

/// Seals records and sends them, for clients whose sessions were handed over: with one system call for hundreds of them, or with
/// one `send(2)` for each.
struct RecordWriter: BatchWriter {
  private let ring: SendRing?
  private var batch = RecordBatch(countMaximum: SendRing.batchMaximum)
  private var results: [BatchResult] = []

  /// - Parameter ring: nil if the kernel has none for this thread.
  init(_ ring: SendRing?) { self.ring = ring }

  mutating func write(_ bytes: [UInt8], toEach clients: ArraySlice<RecordSession>) {
    var result = BatchResult(startedAt: MonotonicClock.now())
    var next = 0
    while next < clients.count {
      let first = result.short.count
      next = batch.seal(bytes, for: clients, from: next) { result.short.append(($0, WriteOutcome($1))) }
      send { position, transfer in
        let outcome = batch.sent(position, transfer, by: clients)
        result.short.append((batch.indices[position], WriteOutcome(outcome)))
      }
      if bytes.count > batch.contentCount { writeRest(of: bytes, to: clients, &result, from: first) }
    }
    result.endedAt = MonotonicClock.now()
    results.append(result)
  }

  /// Offers the batch's records to their sockets.
  private func send(onShort: (Int, TransferResult) -> Void) {
    if let ring {
      ring.send(batch.records, endingAt: batch.ends, toEach: batch.sockets[...], onShort: onShort)
    } else {
      Socket.send(batch.records, endingAt: batch.ends, toEach: batch.sockets[...], onShort: onShort)
    }
  }

  /// Writes what follows the batch's records, of a payload that is longer than one.
  ///
  /// - Parameter first: where the results of this batch begin.
  private func writeRest(
    of bytes: [UInt8], to clients: ArraySlice<RecordSession>, _ result: inout BatchResult, from first: Int
  ) {
    let short = Set(result.short[first...].map(\.index))
    for index in batch.indices where !short.contains(index) {
      switch clients[clients.startIndex + index].send(bytes, from: batch.contentCount) {
      case .accepted(let more) where batch.contentCount + more == bytes.count: break
      case .accepted(let more): result.short.append((index, .accepted(batch.contentCount + more)))
      case .failed: result.short.append((index, .failed))
      }
    }
  }

  mutating func finish() -> [BatchResult] { results.takeAll() }

  mutating func write(_ bytes: [UInt8], from start: Int, to client: RecordSession) -> WriteOutcome {
    client.send(bytes, from: start)
  }
}

extension RecordBatch {
  /// A socket did not take all of its record.
  fileprivate func sent(
    _ position: Int, _ result: TransferResult, by sessions: ArraySlice<RecordSession>
  ) -> TLSWriteHalf.WriteResult {
    switch result {
    case .moved(let count): sent(position, count, 0, by: sessions)
    case .wouldBlock: sent(position, -1, EAGAIN, by: sessions)
    case .ended: sent(position, -1, EPIPE, by: sessions)
    case .failed(let error): sent(position, -1, error.code, by: sessions)
    }
  }
}
