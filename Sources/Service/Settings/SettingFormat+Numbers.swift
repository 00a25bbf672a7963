import Primitives

extension SettingFormat where Value: FixedWidthInteger {
  /// A whole number in decimal digits.
  package static func integer(_ range: ClosedRange<Value>, of unit: String = "") -> SettingFormat {
    let things = unit.isEmpty ? "" : " \(unit)"
    let limits =
      range == 0 ... .max ? "of 0 or more" : "from \(range.lowerBound) to \(range.upperBound)"
    return SettingFormat("number", allowed: "a whole number\(things) \(limits)") { text in
      guard let value = wholeNumber(text) as Value? else { throw MalformedText("is not a whole number") }
      guard range.contains(value) else { throw MalformedText("is out of range") }
      return value
    }
  }
}

extension SettingFormat<Double> {
  /// A decimal number.
  package static func decimal(_ range: ClosedRange<Double>) -> SettingFormat {
    SettingFormat("number", allowed: "a number from \(range.lowerBound) to \(range.upperBound)") { text in
      guard text.utf8.allSatisfy({ $0.isASCIIDigit || $0 == UInt8(ascii: ".") }), let value = Double(text)
      else {
        throw MalformedText("is not a decimal number")
      }
      guard range.contains(value) else { throw MalformedText("is out of range") }
      return value
    }
  }
}

extension SettingFormat<Duration> {
  /// A duration as a whole number with its unit, such as `15s`; a plain number is in `unit`.
  package static func duration(_ range: ClosedRange<Duration>, unit: DurationUnit) -> SettingFormat {
    let limits = "\(DurationUnit.text(range.lowerBound)) to \(DurationUnit.text(range.upperBound))"
    return SettingFormat(
      "duration", allowed: "a duration from \(limits) in ms, s, m or h; a plain number is \(unit.plural)"
    ) { text in
      let units = Dictionary(
        uniqueKeysWithValues: DurationUnit.allCases.map { ($0.rawValue, $0.milliseconds) })
      guard let milliseconds = quantity(text, units: units, plain: unit.milliseconds),
        milliseconds <= Int64.max / 1_000_000
      else { throw MalformedText("is not a duration") }
      let duration = Duration.milliseconds(milliseconds)
      guard range.contains(duration) else { throw MalformedText("is out of range") }
      return duration
    }
  }
}

extension SettingFormat<Int> {
  /// A count of bytes, such as `64KiB`; a plain number is in bytes.
  package static func byteCount(_ range: ClosedRange<Int>) -> SettingFormat {
    let limits = "\(byteText(range.lowerBound)) to \(byteText(range.upperBound))"
    return SettingFormat("size", allowed: "a size from \(limits) in KiB, MiB or GiB; a plain number is bytes")
    { text in
      guard
        let count = quantity(text, units: ["B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30], plain: 1)
      else { throw MalformedText("is not a size") }
      guard let count = Int(exactly: count), range.contains(count) else {
        throw MalformedText("is out of range")
      }
      return count
    }
  }
}

/// The units of durations.
package enum DurationUnit: String, CaseIterable, Sendable {
  /// 0.001 seconds.
  case milliseconds = "ms"
  /// Seconds.
  case seconds = "s"
  /// 60 seconds.
  case minutes = "m"
  /// 3,600 seconds.
  case hours = "h"

  var milliseconds: Int64 {
    switch self {
    case .milliseconds: 1
    case .seconds: 1_000
    case .minutes: 60_000
    case .hours: 3_600_000
    }
  }

  var plural: String { "\(self)" }

  /// A duration in the largest unit that makes it a whole number, in the form of a setting.
  package static func text(_ duration: Duration) -> String {
    let milliseconds = duration.wholeMilliseconds
    let unit = allCases.last { milliseconds != 0 && milliseconds % $0.milliseconds == 0 } ?? .seconds
    return "\(milliseconds / unit.milliseconds)\(unit.rawValue)"
  }
}

/// The units of byte counts, the largest first. As a literal within the loop, the compiler unrolls it, and orders the
/// instructions differently from build to build.
private let byteUnits = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]

/// A byte count in the largest unit that makes it a whole number.
private func byteText(_ count: Int) -> String {
  for (unit, size) in byteUnits where count > 0 && count % size == 0 {
    return "\(count / size)\(unit)"
  }
  return "\(count)B"
}

/// A whole number in ASCII digits only; nil for other texts, or if it is too large for its type.
private func wholeNumber<Number: FixedWidthInteger>(_ text: some StringProtocol) -> Number? {
  text.utf8.allSatisfy(\.isASCIIDigit) ? Number(text) : nil
}

/// A whole number times its unit; nil if it is malformed or too large.
private func quantity(_ text: String, units: [String: Int64], plain: Int64) -> Int64? {
  let digits = text.prefix { $0.isASCII && $0.isWholeNumber }
  let suffix = text.dropFirst(digits.count).drop { $0 == " " }
  guard let number = wholeNumber(digits) as Int64?, let unit = suffix.isEmpty ? plain : units[String(suffix)]
  else {
    return nil
  }
  let (product, overflow) = number.multipliedReportingOverflow(by: unit)
  return overflow ? nil : product
}
