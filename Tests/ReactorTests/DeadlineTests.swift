import Primitives
import Testing

@testable import Reactor

@Suite("A deadline that follows a machine")
struct DeadlineTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop() }

  /// A moment that does not come during the test.
  private var far: Instant { loop.now.advanced(by: .seconds(60)) }

  @Test("It fires once, and again when it is set again")
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

  @Test("Moved or removed, it does not fire at its old moment")
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

  @Test("Set from within its own callback, it fires again")
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

  @Test("A deadline whose owner is gone does not fire")
  func released() {
    var calls = 0
    var deadline: Deadline? = Deadline(on: loop) { calls += 1 }
    deadline?.set(loop.now)
    deadline = nil
    loop.poll()
    #expect(calls == 0)
  }
}
