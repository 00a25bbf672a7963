import EdgeCore
import Primitives
import Reactor
import Uring

/// Writes to plain clients: with one system call for hundreds of them, or with one `send(2)` for each.
struct SendWriter: BatchWriter {
  private let ring: SendRing?
  private var results: [BatchResult] = []

  /// - Parameter ring: nil if the kernel has none for this thread.
  init(_ ring: SendRing?) { self.ring = ring }

  /// - Parameter sockets: the clients' sockets, as borrowed numbers.
  mutating func write(_ bytes: [UInt8], toEach sockets: ArraySlice<Int32>) {
    var result = BatchResult(startedAt: MonotonicClock.now())
    if let ring {
      ring.send(bytes, toEach: sockets) { result.short.append(($0, WriteOutcome($1))) }
    } else {
      Socket.send(bytes, toEach: sockets) { result.short.append(($0, WriteOutcome($1))) }
    }
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
