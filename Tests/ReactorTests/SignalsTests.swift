import Glibc
import Synchronization
import Testing

@testable import Reactor

@Suite struct SignalsTests {
  @Test("Each signal reaches the callback, and ends no process", .timeLimit(.minutes(1)))
  func delivered() async throws {
    let (signals, continuation) = AsyncStream.makeStream(of: ProcessSignal.self)
    let thread = Self.blockAndStart { continuation.yield($0) }
    var received = signals.makeAsyncIterator()
    // To this thread only, because the other threads of the test process do not block them.
    for signal in ProcessSignal.allCases {
      pthread_kill(thread, signal.number)
      #expect(await received.next() == signal)
    }
  }

  /// Without suspension, so that the thread inherits the mask just set; the caller's mask is then restored.
  private static func blockAndStart(_ receive: @escaping @Sendable (ProcessSignal) -> Void) -> pthread_t {
    var before = sigset_t()
    unsafe pthread_sigmask(SIG_BLOCK, nil, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    Signals.block()
    return Signals.start(receive)
  }
}
