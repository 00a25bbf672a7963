import Testing

@testable import EdgeCore

struct ExcessProbationTests {
  @Test("Of each total the smallest excess counts, and an excess that was zero once is none")
  func smallest() {
    var probation = ExcessProbation([1: 5, 2: 1, 3: 2], now: moment(0))
    #expect(probation.askAt == moment(200))
    probation.answered([1: 3, 3: 7], now: moment(210))
    #expect(probation.smallest == [1: 3, 3: 2])
    probation.answered([1: 4, 2: 9], now: moment(420))
    #expect(probation.smallest == [1: 3])
    #expect(!probation.isOver)
  }

  @Test("It ends after five answers; a query without an answer does not count, and is repeated")
  func rounds() {
    var probation = ExcessProbation([1: 1], now: moment(0))
    for round in 1...5 {
      #expect(!probation.isOver)
      probation.asked()
      #expect(probation.askAt == nil)
      probation.unanswered(now: moment(Int64(round) * 1_000))
      #expect(probation.askAt == moment(Int64(round) * 1_000 + 200))
      probation.answered([1: 1], now: moment(Int64(round) * 1_000))
    }
    #expect(probation.isOver && probation.smallest == [1: 1])
  }
}
