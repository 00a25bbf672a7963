import EdgeCore
import HTTP

/// A page's request to close its own streams, which visits all workers of an edge.
final class Closing {
  let match: ClientMatch
  /// The connection that sent the request.
  let connection: ConnectionID
  /// The form of the answer.
  let form: ResponseForm
  let origin: SimulatedWorker
  private var workersLeft: Int
  /// The number of closed streams.
  var count = 0

  init(
    _ match: ClientMatch, for connection: ConnectionID, _ form: ResponseForm, at origin: SimulatedWorker,
    workerCount: Int
  ) {
    self.match = match
    self.form = form
    self.connection = connection
    self.origin = origin
    workersLeft = workerCount
  }

  /// A worker has closed its streams. Returns true for the last one.
  func isComplete() -> Bool {
    workersLeft -= 1
    return workersLeft == 0
  }
}
