import EdgeCore
import Primitives
import Reactor

/// Writes to plain clients, each by one `send(2)`.
struct SendWriter: BatchWriter {
  private var results: [BatchResult] = []

  /// - Parameter sockets: the clients' sockets, as borrowed numbers.
  mutating func write(_ bytes: [UInt8], toEach sockets: [Int32]) {
    var result = BatchResult(startedAt: MonotonicClock.now())
    Socket.send(bytes, toEach: sockets) { result.short.append(($0, WriteOutcome($1))) }
    result.endedAt = MonotonicClock.now()
    results.append(result)
  }

  mutating func finish() -> [BatchResult] { results.takeAll() }

  mutating func write(_ bytes: [UInt8], from start: Int, to socket: Int32) -> WriteOutcome {
    WriteOutcome(Socket.send(socket, bytes, from: start))
  }
}

extension WriteOutcome {
  init(_ result: TransferResult) {
    self =
      switch result {
      case .moved(let count): .accepted(count)
      case .wouldBlock, .ended: .accepted(0)
      case .failed: .failed
      }
  }
}
