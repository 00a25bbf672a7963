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
  ///   - isBusy: whether it is stopped while it works, and not while it waits; at the latest after 100 ms.
  init(_ process: ChildProcess, stopped: Int, running: Int, isBusy: Bool = false) {
    let send: @Sendable (Int32) -> Void = { [identifier = process.identifier] signal in
      _ = kill(identifier, signal)
    }
    Thread.detachNewThread { [self, identifier = process.identifier] in
      while !isOver.withLock(\.self) {
        if isBusy { Self.waitUntilRunning(identifier) }
        send(SIGSTOP)
        letPass(.milliseconds(stopped))
        send(SIGCONT)
        letPass(.milliseconds(running))
      }
      hasEnded.signal()
    }
  }

  /// Waits until a process runs, or is about to.
  private static func waitUntilRunning(_ identifier: Int32) {
    for _ in 0..<2_000 {
      // proc(5): the state follows the name in parentheses.
      let stat = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)
      if stat?.contains(") R ") == true { return }
      usleep(20)
    }
  }

  /// Lets the process run for good.
  func end() {
    isOver.withLock { $0 = true }
    hasEnded.wait()
  }
}
