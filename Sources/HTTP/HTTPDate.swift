/// A moment of wall time in HTTP's format: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 §5.6.7).
public struct HTTPDate: Equatable, Sendable, CustomStringConvertible {
  /// The text as the value of a field.
  public let fieldValue: FieldValue

  /// The text.
  public var description: String { fieldValue.description }

  /// A moment between the years 1970 and 9999; others are clamped.
  ///
  /// - Parameter unixSeconds: seconds since 1970-01-01 00:00:00 UTC, without leap seconds.
  public init(unixSeconds: Int64) {
    let seconds = min(max(unixSeconds, 0), 253_402_300_799)
    let days = Int(seconds / 86_400)
    let time = Int(seconds % 86_400)
    let (year, month, day) = Self.date(daysSinceEpoch: days)
    let clock = [time / 3600, time / 60 % 60, time % 60].map(Self.twoDigits).joined(separator: ":")
    let weekday = Self.weekdays[(days + 4) % 7]
    fieldValue = FieldValue(
      ours: "\(weekday), \(Self.twoDigits(day)) \(Self.months[month]) \(year) \(clock) GMT")
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb",
  ]

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// The date of the Gregorian calendar. Months count from March as 0, so that the leap day is the last of a year.
  private static func date(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
    let sinceMarchOfYear0 = days + 719_468
    let era = sinceMarchOfYear0 / 146_097
    let dayOfEra = sinceMarchOfYear0 % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    return (era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month, day)
  }
}
