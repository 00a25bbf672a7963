import HubCore
import Primitives
import Testing
import Wire

@Suite struct ScorePackerTests {
  private let lineage: Lineage
  private let cat: ScoreID
  private var packer = ScorePacker(start: .origin)

  init() throws {
    lineage = try #require(Lineage("first"))
    cat = try ScoreID("1F431")
    for _ in 1...2 { _ = packer.fenced(lineage: lineage, totals: [], now: .origin) }
  }

  private func at(_ milliseconds: Int64) -> Instant { .origin.advanced(by: .milliseconds(milliseconds)) }

  @Test("An idle hub has no timer")
  func idle() {
    #expect(packer.deadline == nil)
  }

  @Test("The first increment arms the next tick, further ones do not move it, and the flush disarms it")
  mutating func arming() {
    packer.incremented(cat, now: at(20))
    #expect(packer.deadline == at(34))
    packer.incremented(cat, now: at(33))
    #expect(packer.deadline == at(34))
    let flush = packer.tickHit(now: at(34))
    #expect(flush?.totals == [ScoreTotal(id: cat, total: 2)])
    #expect(packer.deadline == nil)
    #expect(packer.tickHit(now: at(51)) == nil)
  }

  @Test("A timer that fires too early flushes nothing and stays armed")
  mutating func early() {
    packer.incremented(cat, now: at(1))
    #expect(packer.tickHit(now: at(16)) == nil)
    #expect(packer.deadline == at(17))
  }

  @Test("A stalled hub makes one flush for all the ticks that it missed, and returns to the grid")
  mutating func stall() {
    packer.incremented(cat, now: at(1))
    for _ in 0..<50 { packer.incremented(cat, now: at(1_000)) }
    #expect(packer.tickHit(now: at(1_005))?.position == 51)
    #expect(packer.deadline == nil)
    packer.incremented(cat, now: at(1_005))
    #expect(packer.deadline == at(1_020))
  }

  @Test("During a fence no tick is armed; the fence arms it for the increments that were held back")
  mutating func held() {
    #expect(packer.feedInterrupted() == nil)
    packer.incremented(cat, now: at(5))
    #expect(packer.deadline == nil)
    #expect(
      packer.fenced(lineage: lineage, totals: [ScoreTotal(id: cat, total: 1)], now: at(40)) == .confirmed)
    #expect(packer.deadline == at(51))
    #expect(packer.tickHit(now: at(51))?.position == 1)
  }

  @Test("An interruption flushes pending increments at once, and disarms")
  mutating func interruption() {
    packer.incremented(cat, now: at(1))
    #expect(packer.feedInterrupted()?.position == 1)
    #expect(packer.deadline == nil)
  }

  @Test("A new lineage takes the pending flush along, and leaves no tick armed without work")
  mutating func closing() throws {
    packer.incremented(cat, now: at(1))
    let own = try #require(Lineage("own"))
    guard case .began(let closing) = packer.fenceFailed(ownLineage: own, now: at(2)) else {
      Issue.record("no lineage began")
      return
    }
    #expect(closing?.position == 1)
    #expect(packer.deadline == nil)
  }
}
