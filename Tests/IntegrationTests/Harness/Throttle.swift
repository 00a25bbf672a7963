import Foundation
import Synchronization

/// Simulates an overloaded machine: the process is stopped again and again, and continues for a moment in between.
final class Throttle: Sendable {
  private let isOver = Mutex(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - process: the process to stop, until ``end()``.
  ///   - stopped: how long it is stopped, in milliseconds.
  ///   - running: how long it then runs, in milliseconds.
  init(_ process: ChildProcess, stopped: Int, running: Int) {
    let send: @Sendable (Int32) -> Void = { [identifier = process.identifier] signal in
      _ = kill(identifier, signal)
    }
    Thread.detachNewThread { [self] in
      while !isOver.withLock(\.self) {
        send(SIGSTOP)
        letPass(.milliseconds(stopped))
        send(SIGCONT)
        letPass(.milliseconds(running))
      }
      hasEnded.signal()
    }
  }

  /// Lets the process run for good.
  func end() {
    isOver.withLock { $0 = true }
    hasEnded.wait()
  }
}
