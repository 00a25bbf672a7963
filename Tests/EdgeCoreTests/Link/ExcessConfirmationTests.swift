import Testing

@testable import EdgeCore

struct ExcessConfirmationTests {
  @Test("Of each total the smallest excess counts, and an excess that was zero once is none")
  func smallest() {
    var confirmation = ExcessConfirmation([1: 5, 2: 1, 3: 2], now: moment(0))
    #expect(confirmation.askAt == moment(200))
    confirmation.answered([1: 3, 3: 7], now: moment(210))
    #expect(confirmation.smallest == [1: 3, 3: 2])
    confirmation.answered([1: 4, 2: 9], now: moment(420))
    #expect(confirmation.smallest == [1: 3])
    #expect(!confirmation.isOver)
  }

  @Test("It ends after five answers; a query without an answer does not count, and is repeated")
  func rounds() {
    var confirmation = ExcessConfirmation([1: 1], now: moment(0))
    for round in 1...5 {
      #expect(!confirmation.isOver)
      confirmation.asked()
      #expect(confirmation.askAt == nil)
      confirmation.unanswered(now: moment(Int64(round) * 1_000))
      #expect(confirmation.askAt == moment(Int64(round) * 1_000 + 200))
      confirmation.answered([1: 1], now: moment(Int64(round) * 1_000))
    }
    #expect(confirmation.isOver && confirmation.smallest == [1: 1])
  }
}
