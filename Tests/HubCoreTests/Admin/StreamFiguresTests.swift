import Primitives
import Testing
import Wire

@testable import HubCore

@Suite struct StreamFiguresTests {
  private var scores = ScoreTable()
  private var counters = FeedCounters()
  private var figures = StreamFigures()

  private mutating func score(_ id: String, _ count: Int) throws {
    let id = try ScoreID(id)
    for _ in 0..<count { scores.increment(id) }
  }

  @Test("Rates cover the last minute at most, and there are none before the second sample")
  mutating func rates() throws {
    #expect(figures.rate(of: .eps, scores, counters, now: seconds(1)) == 0)
    for second in 0..<200 {
      figures.timerTriggered(scores, counters, now: seconds(Double(second)))
      try score("A", second < 100 ? 1 : 5)
      counters.messagePacked(.tweet)
      counters.messagePacked(.tweet)
    }
    // The oldest sample that is kept is that of second 130.
    #expect(figures.window(now: seconds(200)) == .seconds(70))
    #expect(figures.rate(of: .raw, scores, counters, now: seconds(200)) == 5)
    #expect(figures.rate(of: .details, scores, counters, now: seconds(200)) == 2)
    #expect(figures.rate(of: .interaction, scores, counters, now: seconds(200)) == 0)
  }

  @Test("The top ids come first, equal ones in the order of their ids, and there are at most ten")
  mutating func greatest() throws {
    for index in 0..<12 { try score("ID\(index % 10)\(index / 10)", 1 + index % 3) }
    let top = StreamFigures.greatest(of: scores)
    #expect(top.count == 10)
    #expect(top.map(\.count) == [3, 3, 3, 3, 2, 2, 2, 2, 1, 1])
    #expect(top.prefix(4).map(\.id.description) == ["ID11", "ID20", "ID50", "ID80"])
  }

  @Test("Growth counts from the first sample, for new ids too, and begins again with a new lineage")
  mutating func growth() throws {
    try score("OLD", 100)
    figures.timerTriggered(scores, counters, now: seconds(0))
    #expect(figures.growth(of: scores).isEmpty)
    try score("NEW", 5)
    try score("OLD", 2)
    let growth = figures.growth(of: scores)
    #expect(growth.map(\.id.description) == ["NEW", "OLD"])
    #expect(growth.map(\.count) == [5, 2])
    _ = scores.reconcile(
      lineage: try #require(Lineage("other")), totals: [ScoreTotal(id: try ScoreID("OLD"), total: 1_000)])
    #expect(figures.growth(of: scores).isEmpty)
  }
}
