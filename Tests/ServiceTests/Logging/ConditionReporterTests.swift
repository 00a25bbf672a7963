import Primitives
import Testing

@testable import Service

@Suite("A lasting condition")
struct ConditionReporterTests {
  private var reporter = ConditionReporter()

  private mutating func observed(_ second: Int, _ first: String?, _ other: String? = nil)
    -> [ConditionReporter.Report]
  {
    reporter.observed(
      [("a", first), ("b", other)], now: Instant(nanoseconds: UInt64(second) * 1_000_000_000))
  }

  @Test("It is reported when it begins, every minute while it lasts, and when it is over")
  mutating func life() {
    #expect(observed(0, nil) == [])
    let reports = (1...125).map { observed($0, "expired") }
    for (index, report) in reports.enumerated() {
      #expect(report == (index % 60 == 0 ? [.present(subject: "a", reason: "expired")] : []))
    }
    #expect(observed(126, nil) == [.over(subject: "a")])
    #expect(observed(127, nil) == [])
    #expect(observed(128, "again") == [.present(subject: "a", reason: "again")])
  }

  @Test("Each condition has an interval of its own")
  mutating func several() {
    #expect(observed(0, "x") == [.present(subject: "a", reason: "x")])
    #expect(observed(30, "x", "y") == [.present(subject: "b", reason: "y")])
    #expect(observed(60, "x", "y") == [.present(subject: "a", reason: "x")])
    #expect(observed(61, nil, "y") == [.over(subject: "a")])
    #expect(observed(90, nil, "y") == [.present(subject: "b", reason: "y")])
  }
}
