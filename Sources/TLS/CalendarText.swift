import Glibc

/// A moment as log lines show it: `2026-11-22 18:28:30 UTC`.
///
/// - Parameter seconds: since 1970-01-01 00:00:00 UTC, as in a certificate.
func calendarText(_ seconds: Int64) -> String {
  var moment = time_t(seconds)
  var calendar = unsafe tm()
  guard unsafe gmtime_r(&moment, &calendar) != nil else { return "second \(seconds) of 1970" }
  let date = unsafe [calendar.tm_year + 1900, calendar.tm_mon + 1, calendar.tm_mday]
  let clock = unsafe [calendar.tm_hour, calendar.tm_min, calendar.tm_sec]
  let padded = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
  return "\(date.map(padded).joined(separator: "-")) \(clock.map(padded).joined(separator: ":")) UTC"
}
