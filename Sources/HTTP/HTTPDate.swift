import Primitives

/// A moment of wall time in HTTP's format: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 §5.6.7).
package struct HTTPDate: Equatable, Sendable, CustomStringConvertible {
  /// The text as the value of a field.
  package let fieldValue: FieldValue

  /// The text.
  package var description: String { fieldValue.description }

  /// A moment between the years 1970 and 9999; others are clamped.
  ///
  /// - Parameter unixSeconds: seconds since 1970-01-01 00:00:00 UTC, without leap seconds.
  package init(unixSeconds: Int64) {
    let seconds = min(max(unixSeconds, 0), 253_402_300_799)
    let time = CalendarTime(unixSeconds: seconds)
    let date = "\(CalendarTime.padded(time.day)) \(Self.months[time.month - 1]) \(time.year)"
    fieldValue = FieldValue(ours: "\(Self.weekdays[time.weekday]), \(date) \(time.clock) GMT")
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
