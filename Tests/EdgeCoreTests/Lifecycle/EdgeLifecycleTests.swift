import EdgeCore
import Primitives
import Testing

@Suite struct EdgeLifecycleTests {
  private var lifecycle = EdgeLifecycle(workerCount: 2)

  @Test("A drain can be repeated and undone, and says each time what is to be done")
  mutating func drain() {
    let first = lifecycle.drainRequested(window: .seconds(30))
    #expect(first == .drain(window: .seconds(30)))
    #expect(lifecycle.isDraining)
    #expect(lifecycle.deadline == nil)
    let second = lifecycle.drainRequested(window: .seconds(5))
    #expect(second == .drain(window: .seconds(5)))
    let undone = lifecycle.undrainRequested()
    #expect(undone == .resume)
    #expect(!lifecycle.isDraining)
    let again = lifecycle.undrainRequested()
    #expect(again == EdgeLifecycle.Action.none)
  }

  @Test("Told to stop, it ends when all workers have finished")
  mutating func stop() {
    let action = lifecycle.stopRequested(window: .seconds(10), now: moment(0))
    #expect(action == .finish(window: .seconds(10)))
    #expect(lifecycle.isDraining)
    #expect(lifecycle.deadline == moment(15_000))
    let first = lifecycle.workerFinished()
    let second = lifecycle.workerFinished()
    #expect([first, second] == [.none, .end])
    #expect(lifecycle.deadline == nil)
  }

  @Test("Who is still there behind the window and its grace is cut off")
  mutating func deadline() {
    _ = lifecycle.drainRequested(window: .seconds(100))
    _ = lifecycle.stopRequested(window: .seconds(10), now: moment(0))
    let early = lifecycle.timerTriggered(now: moment(14_999))
    let late = lifecycle.timerTriggered(now: moment(15_000))
    #expect([early, late] == [.none, .end])
  }

  @Test("Told to stop twice, it ends at once; after that nothing counts")
  mutating func twice() {
    _ = lifecycle.stopRequested(window: .seconds(10), now: moment(0))
    let end = lifecycle.stopRequested(window: .seconds(10), now: moment(1))
    let third = lifecycle.stopRequested(window: .seconds(10), now: moment(2))
    let drained = lifecycle.drainRequested(window: .zero)
    let finished = lifecycle.workerFinished()
    #expect([end, third, drained, finished] == [.end, .none, .none, .none])
    let undone = lifecycle.undrainRequested()
    #expect(undone == nil)
  }
}
