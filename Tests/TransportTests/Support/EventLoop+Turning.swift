import Primitives
import Testing

@testable import Reactor

/// The condition of a test was not met in time.
struct Overdue: Error, CustomStringConvertible {
  let location: SourceLocation
  var description: String { "what \(location) waits for did not come in time" }
}

extension EventLoop {
  /// Runs turns until a condition holds, for at most twenty seconds: only a failure takes so long.
  func turn(until isDone: () -> Bool, at location: SourceLocation = #_sourceLocation) throws {
    let end = MonotonicClock.now().advanced(by: .seconds(20))
    let alarm = schedule(at: end) {}
    defer { cancel(alarm) }
    while !isDone() {
      if MonotonicClock.now() >= end { throw Overdue(location: location) }
      turn()
    }
  }

  /// Runs one turn that does not wait.
  func poll() {
    let alarm = schedule(at: now) {}
    turn()
    cancel(alarm)
  }
}
