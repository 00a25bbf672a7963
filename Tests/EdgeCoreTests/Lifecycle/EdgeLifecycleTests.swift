import EdgeCore
import Primitives
import Testing

@Suite struct EdgeLifecycleTests {
  private var lifecycle = EdgeLifecycle(workerCount: 2)

  @Test("A drain can be repeated and undone, and each time returns what the workers must do")
  mutating func drain() {
    let first = lifecycle.drainRequested(window: .seconds(30), announce: .zero, now: moment(0))
    #expect(first == .drain(window: .seconds(30)))
    #expect(lifecycle.isDraining && !lifecycle.isAnnounced)
    #expect(lifecycle.deadline == nil)
    let second = lifecycle.drainRequested(window: .seconds(5), announce: .seconds(9), now: moment(1))
    #expect(second == .drain(window: .seconds(5)))
    let undone = lifecycle.undrainRequested()
    #expect(undone == .resume)
    #expect(!lifecycle.isDraining)
    let again = lifecycle.undrainRequested()
    #expect(again == EdgeLifecycle.Action.none)
  }

  @Test("Told to stop, the edge stops when all workers have finished")
  mutating func stop() {
    let action = lifecycle.stopRequested(window: .seconds(10), announce: .zero, now: moment(0))
    #expect(action == .finish(window: .seconds(10)))
    #expect(lifecycle.isDraining)
    #expect(lifecycle.deadline == moment(15_000))
    let first = lifecycle.workerFinished()
    let second = lifecycle.workerFinished()
    #expect([first, second] == [.none, .end])
    #expect(lifecycle.deadline == nil)
  }

  @Test("Clients that are left after the window and its grace are cut off")
  mutating func deadline() {
    _ = lifecycle.drainRequested(window: .seconds(100), announce: .zero, now: moment(0))
    // The edge rejects clients already, so there is nothing to announce.
    let action = lifecycle.stopRequested(window: .seconds(10), announce: .seconds(5), now: moment(0))
    #expect(action == .finish(window: .seconds(10)))
    let early = lifecycle.timerTriggered(now: moment(14_999))
    let late = lifecycle.timerTriggered(now: moment(15_000))
    #expect([early, late] == [.none, .end])
  }

  @Test("Told to stop twice, the edge stops at once; after that nothing counts")
  mutating func twice() {
    _ = lifecycle.stopRequested(window: .seconds(10), announce: .zero, now: moment(0))
    let end = lifecycle.stopRequested(window: .seconds(10), announce: .zero, now: moment(1))
    let third = lifecycle.stopRequested(window: .seconds(10), announce: .zero, now: moment(2))
    let drained = lifecycle.drainRequested(window: .zero, announce: .zero, now: moment(2))
    let finished = lifecycle.workerFinished()
    #expect([end, third, drained, finished] == [.end, .none, .none, .none])
    let undone = lifecycle.undrainRequested()
    #expect(undone == nil)
  }

  @Test("An announced drain begins at its time, and a second one does not postpone it")
  mutating func announcement() {
    let action = lifecycle.drainRequested(window: .seconds(30), announce: .seconds(5), now: moment(0))
    #expect(action == .announce(.seconds(5)))
    #expect(lifecycle.isDraining && lifecycle.isAnnounced)
    #expect(lifecycle.deadline == moment(5_000))
    let again = lifecycle.drainRequested(window: .seconds(20), announce: .seconds(60), now: moment(1_000))
    #expect(again == .announce(.seconds(4)))
    let early = lifecycle.timerTriggered(now: moment(4_999))
    let due = lifecycle.timerTriggered(now: moment(5_000))
    #expect([early, due] == [.none, .drain(window: .seconds(20))])
    #expect(lifecycle.isDraining && !lifecycle.isAnnounced)
    #expect(lifecycle.deadline == nil)
  }

  @Test("An announcement can be shortened and taken back")
  mutating func announcementCutShort() {
    _ = lifecycle.drainRequested(window: .seconds(30), announce: .seconds(5), now: moment(0))
    let undone = lifecycle.undrainRequested()
    #expect(undone == .resume)
    #expect(!lifecycle.isDraining && lifecycle.deadline == nil)
    _ = lifecycle.drainRequested(window: .seconds(30), announce: .seconds(5), now: moment(0))
    let now = lifecycle.drainRequested(window: .seconds(3), announce: .zero, now: moment(1))
    #expect(now == .drain(window: .seconds(3)))
  }

  @Test("A stop is announced too: it ends after announcement, window and grace at the latest")
  mutating func announcedStop() {
    let action = lifecycle.stopRequested(window: .seconds(10), announce: .seconds(5), now: moment(0))
    #expect(action == .announce(.seconds(5)))
    // It cannot be undone, and no drain takes its place.
    let undone = lifecycle.undrainRequested()
    #expect(undone == nil)
    let drain = lifecycle.drainRequested(window: .zero, announce: .zero, now: moment(1))
    #expect(drain == EdgeLifecycle.Action.none)
    // A late loop does not postpone the end.
    let finish = lifecycle.timerTriggered(now: moment(5_700))
    #expect(finish == .finish(window: .seconds(10)))
    #expect(lifecycle.deadline == moment(20_000))
    let end = lifecycle.timerTriggered(now: moment(20_000))
    #expect(end == .end)
  }

  @Test("Told to stop while a drain is announced, the edge stops when the drain would have begun")
  mutating func stopWhileAnnounced() {
    _ = lifecycle.drainRequested(window: .seconds(30), announce: .seconds(5), now: moment(0))
    let action = lifecycle.stopRequested(window: .seconds(10), announce: .seconds(5), now: moment(2_000))
    #expect(action == .announce(.seconds(3)))
    let finish = lifecycle.timerTriggered(now: moment(5_000))
    #expect(finish == .finish(window: .seconds(10)))
  }

  @Test("Told to stop twice while the stop is announced, the edge stops at once")
  mutating func twiceWhileAnnounced() {
    _ = lifecycle.stopRequested(window: .seconds(10), announce: .seconds(5), now: moment(0))
    let end = lifecycle.stopRequested(window: .seconds(10), announce: .seconds(5), now: moment(1))
    #expect(end == .end)
    #expect(lifecycle.deadline == nil)
  }
}
