import EdgeCore
import Synchronization

/// One worker's share of the edge's state.
struct WorkerPart: Sendable {
  /// Whose it is.
  let worker: Int
  var counters = WorkerCounters()
  /// The clients, only where they were asked for.
  var connections: [ConnectionStatus] = []
  /// How many clients it let go for it.
  var closed = 0
}

/// Gathers a part from each worker, each adding its own on its own thread, and then goes back to who asked.
///
/// So an edge's whole state is seen without a lock on the way of any event: the only lock is taken once for each part.
final class Collection: Sendable {
  /// Who asked for it.
  enum Origin: Sendable {
    /// A request on a worker.
    case client(ConnectionID, worker: Int)
    /// The link, for a report to the hubs.
    case link
    /// The link, to push metrics.
    case push
    /// A hub's command, and what it needs the state for.
    case hub(HubOrder, HubOrder.Purpose)
  }

  /// What each worker is to add.
  enum Request: Sendable {
    /// Its counters, which it always adds.
    case counters
    /// The streaming clients.
    case connections
    /// It lets these clients go first, and adds how many they were.
    case closing(ClientMatch, CloseReason)
  }

  let origin: Origin
  let request: Request
  private let workerCount: Int
  private let gathered = Mutex<[WorkerPart]>([])

  init(origin: Origin, request: Request, workerCount: Int) {
    self.origin = origin
    self.request = request
    self.workerCount = workerCount
  }

  /// The parts that were added so far, in the order of the workers.
  var parts: [WorkerPart] { gathered.withLock { $0 }.sorted { $0.worker < $1.worker } }

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
