import EdgeCore
import Synchronization

/// One worker's share of the edge's state.
struct WorkerPart: Sendable {
  var counters = WorkerCounters()
  /// The clients, only where they were asked for.
  var connections: [ConnectionStatus] = []
}

/// Gathers a part from each worker, each adding its own on its own thread, and then goes back to who asked.
///
/// So an edge's whole state is seen without a lock on the way of any event: the only lock is taken once for each part.
final class Collection: Sendable {
  /// Who asked for it.
  enum Origin: Sendable {
    /// A client's request on a worker.
    case client(worker: Int, slot: Int32, generation: UInt32)
    /// The link, for a report to the hub.
    case link
    /// The link, to push metrics.
    case push
  }

  let origin: Origin
  /// Whether each client is to be listed.
  let includesConnections: Bool
  private let workerCount: Int
  private let gathered = Mutex<[WorkerPart]>([])

  init(origin: Origin, includesConnections: Bool, workerCount: Int) {
    self.origin = origin
    self.includesConnections = includesConnections
    self.workerCount = workerCount
  }

  /// The parts that were added so far.
  var parts: [WorkerPart] { gathered.withLock { $0 } }

  /// The sum of all workers' counters.
  var totals: WorkerCounters {
    parts.reduce(into: WorkerCounters()) { $0.add($1.counters) }
  }

  /// Adds a part.
  ///
  /// - Returns: true for the last one.
  func add(_ part: WorkerPart) -> Bool {
    gathered.withLock { parts in
      parts.append(part)
      return parts.count == workerCount
    }
  }
}
