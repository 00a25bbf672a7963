import HubCore
import Primitives
import Testing
import Wire

@Suite struct TickGridTests {
  private let grid = TickGrid(start: Instant(nanoseconds: 1_000), interval: .nanoseconds(17))

  @Test(
    "The next tick is the first one strictly later",
    arguments: [
      (0, 1_000), (999, 1_000), (1_000, 1_017), (1_001, 1_017), (1_016, 1_017), (1_017, 1_034),
    ] as [(UInt64, UInt64)])
  func nextTick(now: UInt64, tick: UInt64) {
    #expect(grid.nextTick(after: Instant(nanoseconds: now)) == Instant(nanoseconds: tick))
  }

  @Test("A million late ticks do not move the grid")
  func noDrift() {
    var now = Instant(nanoseconds: 1_000)
    for step in 0..<1_000_000 as Range<UInt64> {
      let tick = grid.nextTick(after: now)
      #expect((tick.nanoseconds - 1_000) % 17 == 0)
      now = tick.advanced(by: .nanoseconds(Int64(step % 40)))
    }
  }
}
