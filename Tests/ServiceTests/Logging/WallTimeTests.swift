import Foundation
import Testing

@testable import Service

@Suite struct WallTimeTests {
  @Test(
    "Times are ISO 8601 in UTC with milliseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
    ])
  func known(milliseconds: Int64, text: String) {
    #expect(WallTime(milliseconds: milliseconds).description == text)
  }

  @Test("Every seventh day of four centuries agrees with Foundation's calendar")
  func everyDay() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    for day in stride(from: Int64(-10_000), to: 136_097, by: 7) {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400)
      let parts = calendar.dateComponents([.year, .month, .day], from: date)
      let ours = WallTime(milliseconds: day * 86_400_000).description.prefix(10).split(separator: "-").map {
        Int($0)
      }
      #expect(ours == [parts.year, parts.month, parts.day])
    }
  }
}
