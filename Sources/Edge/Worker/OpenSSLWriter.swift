import EdgeCore
import Primitives
import Reactor
import TLS

/// Writes through `SSL_write(3)`, for clients whose records OpenSSL seals: each by one `send(2)` for a record.
struct OpenSSLWriter: BatchWriter {
  private var results: [BatchResult] = []

  mutating func write(_ bytes: [UInt8], toEach clients: ArraySlice<TLSWriteHalf>) {
    var result = BatchResult(startedAt: MonotonicClock.now())
    TLSWriteHalf.write(bytes, toEach: clients) { index, outcome in
      guard case .wrote(let count) = outcome else {
        return result.short.append((index, WriteOutcome(outcome)))
      }
      // The rest of a payload that is longer than a record.
      switch clients[clients.startIndex + index].send(bytes, from: count) {
      case .accepted(let more) where count + more == bytes.count: break
      case .accepted(let more): result.short.append((index, .accepted(count + more)))
      case .failed: result.short.append((index, .failed))
      }
    }
    result.endedAt = MonotonicClock.now()
    results.append(result)
  }

  mutating func finish() -> [BatchResult] { results.takeAll() }

  mutating func write(_ bytes: [UInt8], from start: Int, to client: TLSWriteHalf) -> WriteOutcome {
    client.send(bytes, from: start)
  }
}

extension TLSOutput {
  /// Writes records until all bytes are written or the socket is full: a socket becomes ready again only after it has
  /// been full.
  package func send(_ bytes: [UInt8], from start: Int) -> WriteOutcome {
    var end = start
    while end < bytes.count {
      switch WriteOutcome(write(bytes, from: end)) {
      case .accepted(0): return .accepted(end - start)
      case .accepted(let count): end += count
      case .failed: return .failed
      }
    }
    return .accepted(end - start)
  }
}

extension WriteOutcome {
  init(_ result: TLSWriteHalf.WriteResult) {
    self =
      switch result {
      case .wrote(let count): .accepted(count)
      case .wantsRead, .wantsWrite: .accepted(0)
      case .failed: .failed
      }
  }
}
