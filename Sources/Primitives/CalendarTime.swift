/// A second of the Gregorian calendar, in UTC and without leap seconds.
package struct CalendarTime: Equatable, Sendable {
  /// The year; 0 is the one before the year 1.
  package let year: Int64
  /// The month, from 1 to 12.
  package let month: Int
  /// The day of the month, from 1 to 31.
  package let day: Int
  /// The day of the week; 0 is Sunday.
  package let weekday: Int
  /// The hour, from 0 to 23.
  package let hour: Int
  /// The minute, from 0 to 59.
  package let minute: Int
  /// The second, from 0 to 59.
  package let second: Int

  /// - Parameter unixSeconds: seconds since 1970-01-01T00:00:00Z; negative before that.
  package init(unixSeconds: Int64) {
    let (days, rest) = unixSeconds.flooredQuotientAndRemainder(by: 86_400)
    weekday = Int((days + 4).flooredQuotientAndRemainder(by: 7).remainder)
    hour = Int(rest / 3_600)
    minute = Int(rest / 60 % 60)
    second = Int(rest % 60)
    // H. Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`: years begin in March, in eras of
    // 400 years, so that the leap day is the last of its year.
    let (era, dayOfEra) = (days + 719_468).flooredQuotientAndRemainder(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// ISO 8601 without a zone: `2026-02-28T23:59:59`.
  package var iso8601: String {
    "\(Self.padded(Int(year), 4))-\(Self.padded(month))-\(Self.padded(day))T\(clock)"
  }

  /// The time of day: `23:59:59`.
  package var clock: String { [hour, minute, second].map { Self.padded($0) }.joined(separator: ":") }

  /// A number with zeros in front of it.
  package static func padded(_ number: Int, _ count: Int = 2) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }
}

extension Int64 {
  /// Quotient and remainder, rounded so that the remainder is never negative.
  ///
  /// - Parameter divisor: more than 0.
  package func flooredQuotientAndRemainder(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
