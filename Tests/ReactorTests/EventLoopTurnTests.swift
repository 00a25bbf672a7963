import Primitives
import Testing

@testable import Reactor

@Suite("Timers and turns of an event loop")
struct EventLoopTurnTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop() }

  @Test("A timer never fires early, however odd its deadline, and the turn's time is not before it")
  func neverEarly() throws {
    let start = MonotonicClock.now()
    var missing = 0
    for microseconds in [0, 1, 250, 999, 1_000, 1_001, 1_700, 3_333, 4_999] {
      let deadline = start.advanced(by: .microseconds(microseconds))
      missing += 1
      loop.schedule(at: deadline) { [loop] in
        missing -= 1
        #expect(MonotonicClock.now() >= deadline)
        #expect(loop.now >= deadline)
      }
    }
    try loop.turn { missing == 0 }
  }

  @Test("A loop that waits only for a timer sleeps instead of spinning")
  func noSpinning() throws {
    var isFired = false
    loop.schedule(at: MonotonicClock.now().advanced(by: .microseconds(20_300))) { isFired = true }
    var turns = 0
    while !isFired, turns < 10 {
      loop.turn()
      turns += 1
    }
    #expect(isFired)
    #expect(turns <= 2, "one turn, or two if a signal interrupted")
  }

  @Test("A cancelled timer does not fire, even if another one cancels it in the same turn")
  func cancel() {
    var fired: [String] = []
    var second: TimerID?
    loop.schedule(at: loop.now) { [loop] in
      fired.append("first")
      if let second { loop.cancel(second) }
    }
    second = loop.schedule(at: loop.now) { fired.append("second") }
    loop.turn()
    loop.poll()
    #expect(fired == ["first"])
  }

  @Test("A timer that is due again at once lets the others and the descriptors have their turn")
  func selfRenewingTimer() throws {
    let pair = try StreamPair()
    let recorder = ReadinessRecorder()
    _ = try loop.register(pair.near, for: .readable, handler: recorder)
    pair.sendFromFar()
    var rounds = 0
    var others = 0
    func renew() {
      rounds += 1
      // Without this limit, a loop with the error would hang here instead of failing.
      if rounds < 1_000 { loop.schedule(at: .origin) { renew() } }
    }
    renew()
    loop.schedule(at: loop.now) { others += 1 }
    loop.turn()
    #expect(rounds == 2)
    #expect(others == 1)
    loop.turn()
    #expect(rounds == 3)
    #expect(recorder.tokens.count == 2)
  }

  @Test("Turn-end handlers come last, in the order of registration, once for each registration")
  func turnEnd() throws {
    let pair = try StreamPair()
    var log: [String] = []
    let first = TurnEndRecorder { _ in log.append("first end") }
    let second = TurnEndRecorder { _ in log.append("second end") }
    let recorder = ReadinessRecorder { [loop] _ in
      log.append("descriptor")
      loop.callAtTurnEnd(first)
      loop.callAtTurnEnd(second)
    }
    let registration = try loop.register(pair.near, for: .readable, handler: recorder)
    pair.sendFromFar()
    loop.schedule(at: loop.now) { log.append("timer") }
    loop.turn()
    #expect(log == ["descriptor", "timer", "first end", "second end"])
    loop.deregister(registration, of: pair.near)
    loop.poll()
    #expect(log.count == 4)
  }

  @Test("A handler registered during the turn's end is called within that same end")
  func turnEndAgain() {
    var calls = 0
    let handler = TurnEndRecorder { [loop] handler in
      calls += 1
      if calls < 3 { loop.callAtTurnEnd(handler) }
    }
    loop.schedule(at: loop.now) { [loop] in loop.callAtTurnEnd(handler) }
    loop.turn()
    #expect(calls == 3)
    loop.poll()
    #expect(calls == 3)
  }

  @Test("A handler registered before the first turn does not wait for an event")
  func turnEndBeforeTheFirstTurn() {
    var isCalled = false
    loop.callAtTurnEnd(TurnEndRecorder { _ in isCalled = true })
    // A loop with the error would wait for this.
    loop.schedule(at: MonotonicClock.now().advanced(by: .seconds(1))) { #expect(isCalled) }
    loop.turn()
    #expect(isCalled)
  }

  @Test("Stopping ends the run after the present turn, its end included")
  func stop() {
    var log: [String] = []
    let handler = TurnEndRecorder { _ in log.append("end") }
    loop.schedule(at: loop.now) { [loop] in
      loop.stop()
      loop.callAtTurnEnd(handler)
    }
    loop.schedule(at: loop.now) { log.append("second timer") }
    loop.run()
    #expect(log == ["second timer", "end"])
    loop.run()
    #expect(log.count == 2, "a stopped loop stays stopped")
  }

  @Test("The longest turn is reported once")
  func longestTurn() {
    loop.schedule(at: loop.now) {
      let end = MonotonicClock.now().advanced(by: .milliseconds(2))
      while MonotonicClock.now() < end {}
    }
    loop.turn()
    #expect(loop.takeLongestTurn() >= .milliseconds(2))
    #expect(loop.takeLongestTurn() == .zero)
  }
}
