import Primitives
import Testing

@testable import Bench

@Suite struct PaceTests {
  private let start = Instant(nanoseconds: 5_000_000_000)

  @Test("A second gives its rate, however often it is called", arguments: [1, 59, 300, 20_000], [1, 7, 13])
  func steady(rate: Int, stepMilliseconds: Int) {
    var pace = Pace(rate: rate, from: start)
    var count = 0
    for step in stride(from: 0, through: 1000, by: stepMilliseconds) {
      count += pace.due(at: start.advanced(by: .milliseconds(step)))
    }
    count += pace.due(at: start.advanced(by: .seconds(1)))
    #expect(count == rate)
  }

  @Test("Items beyond the limit stay due")
  func limit() {
    var pace = Pace(rate: 100, from: start)
    let later = start.advanced(by: .seconds(1))
    #expect(pace.due(at: later, limit: 60) == 60)
    #expect(pace.due(at: later, limit: 60) == 40)
    #expect(pace.due(at: later) == 0)
  }

  @Test("Nothing is due before its time, or at no rate")
  func nothing() {
    var pace = Pace(rate: 100, from: start)
    #expect(pace.due(at: .origin) == 0)
    var none = Pace(rate: 0, from: start)
    #expect(none.due(at: start.advanced(by: .seconds(9))) == 0)
  }
}
