import Primitives
import Testing

@testable import Reactor

@Suite("A deadline that follows a machine")
struct DeadlineTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop() }

  /// A moment that is not over before the test is.
  private var far: Instant { loop.now.advanced(by: .seconds(60)) }

  @Test("It calls once when it has come, and again when it is set again")
  func fires() {
    var calls = 0
    let deadline = Deadline(on: loop) { calls += 1 }
    deadline.set(loop.now)
    loop.turn()
    loop.poll()
    #expect(calls == 1)
    deadline.set(loop.now)
    loop.turn()
    #expect(calls == 2)
  }

  @Test("Moved or taken away, it does not call at its old moment")
  func moves() {
    var calls = 0
    let deadline = Deadline(on: loop) { calls += 1 }
    deadline.set(loop.now)
    deadline.set(far)
    loop.poll()
    #expect(calls == 0)
    deadline.set(loop.now)
    deadline.set(nil)
    loop.poll()
    #expect(calls == 0)
    deadline.set(far)
    deadline.set(loop.now)
    loop.turn()
    #expect(calls == 1)
  }

  @Test("Set from within its own call, it calls again")
  func setsItself() throws {
    var calls = 0
    var deadline: Deadline?
    deadline = Deadline(on: loop) { [loop] in
      calls += 1
      if calls < 3 { deadline?.set(loop.now) }
    }
    deadline?.set(loop.now)
    try loop.turn { calls == 3 }
    deadline = nil
  }

  @Test("Nobody is called for a deadline whose owner is gone")
  func released() {
    var calls = 0
    var deadline: Deadline? = Deadline(on: loop) { calls += 1 }
    deadline?.set(loop.now)
    deadline = nil
    loop.poll()
    #expect(calls == 0)
  }
}
