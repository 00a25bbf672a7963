import EdgeCore
import Synchronization

/// One worker's share of the edge's state.
struct WorkerPart: Sendable {
  /// The worker's index.
  let worker: Int
  var counters = WorkerCounters()
  /// The worker's streaming clients; empty unless they were requested.
  var connections: [ConnectionStatus] = []
  /// The number of clients that the worker closed for the request.
  var closed = 0
}

/// Gathers a part from each worker, and then returns to its origin. Each worker adds its own part on its own thread.
///
/// So the edge's whole state is gathered without a lock on the path of events: the only lock is taken once for each
/// part.
final class WorkerSurvey: Sendable {
  /// Where the survey goes when it is complete.
  enum Origin: Sendable {
    /// A request on a worker, and its answer.
    case client(ExchangeID, PendingAnswer, worker: Int)
    /// The link, for a report to the hubs.
    case link
    /// The link, to push metrics.
    case push
    /// The link, to tell the service manager that all workers turn.
    case manager
    /// A hub's command, and the purpose of the state for it.
    case hub(HubOrder, HubOrder.Purpose)
  }

  /// What each worker adds.
  enum Request: Sendable {
    /// Its counters only, which every request includes.
    case counters
    /// The streaming clients.
    case connections
    /// The number of clients that match, which the worker releases first.
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

  /// The parts added so far, ordered by worker.
  var parts: [WorkerPart] { gathered.withLock { $0 }.sorted { $0.worker < $1.worker } }

  /// The sum of all workers' counters.
  var totals: WorkerCounters {
    parts.reduce(into: WorkerCounters()) { $0.add($1.counters) }
  }

  /// Adds a worker's part.
  ///
  /// - Returns: true for the last part.
  func add(_ part: WorkerPart) -> Bool {
    gathered.withLock { parts in
      parts.append(part)
      return parts.count == workerCount
    }
  }
}
