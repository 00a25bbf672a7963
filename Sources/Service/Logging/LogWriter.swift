import Dispatch
import Reactor
import Synchronization

/// Writes log lines on a thread of its own, so that logging never waits for the stream.
///
/// A stream may accept nothing for any length of time: a full pipe that is not read, a terminal after Ctrl-S. Making
/// it non-blocking does not help, because all processes that have the stream share that flag. So the thread may
/// block in its write; meanwhile lines wait in a bounded queue, and further ones are dropped and counted.
final class LogWriter: Sendable {
  /// How many bytes may wait: about a thousand lines.
  static let byteCountMaximum = 256 << 10

  private struct State {
    var queue: LogQueue
    /// How many threads wait for the queue to become empty.
    var flushCount = 0
  }

  private let descriptor: Int32
  private let notice: @Sendable (Int) -> String
  private let state: Mutex<State>
  private let work = DispatchSemaphore(value: 0)
  private let idleness = DispatchSemaphore(value: 0)

  /// Starts the thread, which runs for the rest of the process's life.
  ///
  /// - Parameter notice: renders the line that reports a number of dropped lines.
  init(
    to descriptor: Int32, byteCountMaximum: Int = LogWriter.byteCountMaximum,
    notice: @escaping @Sendable (Int) -> String
  ) {
    self.descriptor = descriptor
    self.notice = notice
    state = Mutex(State(queue: LogQueue(byteCountMaximum: byteCountMaximum)))
    do {
      try LoopThread.start("log") { [self] in run() }
    } catch {
      preconditionFailure("no thread for the log could be started: \(error)")
    }
  }

  /// How many lines were dropped, or could not be written.
  var droppedCount: UInt64 { state.withLock { $0.queue.droppedCount } }

  /// Takes a line with its line break, and returns at once.
  func append(_ line: String) {
    state.withLock { $0.queue.append(line) }
    work.signal()
  }

  /// Takes a text that is valid only now, such as a progress line. If it would have to wait, it is dropped and not
  /// counted.
  func appendIfIdle(_ text: String) {
    let isTaken = state.withLock { state in
      guard state.queue.isIdle else { return false }
      state.queue.append(text)
      return true
    }
    if isTaken { work.signal() }
  }

  /// Waits until everything is written, but no longer than the limit.
  func flush(within limit: Duration) {
    let deadline = DispatchTime.now() + .milliseconds(Int(limit / .milliseconds(1)))
    while true {
      let isIdle = state.withLock { state in
        if !state.queue.isIdle { state.flushCount += 1 }
        return state.queue.isIdle
      }
      if isIdle || idleness.wait(timeout: deadline) == .timedOut { return }
    }
  }

  private func run() -> Never {
    while true {
      work.wait()
      while let next = nextWrite() {
        let text =
          switch next {
          case .line(let line): line
          case .notice(let dropped): notice(dropped)
          }
        let isWritten = StandardStream.write(text, to: descriptor)
        state.withLock { $0.queue.writeEnded(isWritten: isWritten) }
      }
    }
  }

  private func nextWrite() -> LogQueue.Write? {
    state.withLock { state in
      let next = state.queue.nextWrite()
      if next == nil {
        for _ in 0..<state.flushCount { idleness.signal() }
        state.flushCount = 0
      }
      return next
    }
  }
}
