import EdgeCore

/// A page's wish to have its own streams closed, which goes round all workers of an edge.
final class Closing {
  let match: ClientMatch
  /// Who asked.
  let connection: ConnectionID
  let origin: SimulatedWorker
  private var workersLeft: Int
  /// How many streams were closed.
  var count = 0

  init(_ match: ClientMatch, for connection: ConnectionID, at origin: SimulatedWorker, workerCount: Int) {
    self.match = match
    self.connection = connection
    self.origin = origin
    workersLeft = workerCount
  }

  /// A worker has closed its own; true for the last one.
  func isComplete() -> Bool {
    workersLeft -= 1
    return workersLeft == 0
  }
}
