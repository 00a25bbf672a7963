import Testing

@testable import Bench

@Suite struct ScoreDrawTests {
  @Test("Every run draws the same ids, the first far more often than the last, and all of them")
  func distribution() {
    var draw = ScoreDraw()
    var again = ScoreDraw()
    var counts: [[UInt8]: Int] = [:]
    for _ in 0..<100_000 {
      let id = draw.next()
      #expect(id == again.next())
      counts[id, default: 0] += 1
    }
    #expect(counts.count == 800)
    #expect(counts[Array("1F300".utf8), default: 0] > 5_000)
    #expect(counts[Array("1F5F4".utf8), default: 0] < 100)
  }
}
