import Primitives
import Testing

@testable import Reactor

/// What a test waited for did not come.
struct Overdue: Error, CustomStringConvertible {
  let location: SourceLocation
  var description: String { "what \(location) waits for did not come in time" }
}

extension EventLoop {
  /// Takes turns until a condition holds, for twenty seconds at most: only a failure takes so long.
  func turn(until isDone: () -> Bool, at location: SourceLocation = #_sourceLocation) throws {
    let end = MonotonicClock.now().advanced(by: .seconds(20))
    let alarm = schedule(at: end) {}
    defer { cancel(alarm) }
    while !isDone() {
      if MonotonicClock.now() >= end { throw Overdue(location: location) }
      turn()
    }
  }

  /// Takes one turn that does not wait.
  func poll() {
    let alarm = schedule(at: now) {}
    turn()
    cancel(alarm)
  }
}
