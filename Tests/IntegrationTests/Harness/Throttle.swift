import Foundation
import Synchronization

/// Takes a process's core away again and again, as a machine does that has too much to do: it is stopped, and goes on for a
/// moment.
final class Throttle: Sendable {
  private let isOver = Mutex(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - process: what is held up, until ``end()``.
  ///   - stopped: how long it stands still, in milliseconds.
  ///   - running: how long it goes on then, in milliseconds.
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

  /// Lets it go on for good.
  func end() {
    isOver.withLock { $0 = true }
    hasEnded.wait()
  }
}
