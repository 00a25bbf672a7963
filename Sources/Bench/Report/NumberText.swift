/// Formats numbers for tables.
enum NumberText {
  /// With commas between thousands.
  static func grouped(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (number < 0 ? "-" : "") + text
  }

  /// With `places` decimals, at most six.
  static func decimal(_ number: Double, _ places: Int = 2) -> String {
    guard number.isFinite, abs(number) < 1e12 else { return "?" }
    let scale = (0..<places).reduce(Int64(1)) { scale, _ in scale * 10 }
    let scaled = Int64((abs(number) * Double(scale)).rounded())
    let rest = String(scaled % scale)
    let text = grouped(scaled / scale)
    let sign = number < 0 && scaled != 0 ? "-" : ""
    return places == 0
      ? sign + text : "\(sign)\(text).\(String(repeating: "0", count: places - rest.count))\(rest)"
  }

  /// Microseconds as milliseconds.
  static func milliseconds(_ microseconds: UInt64) -> String { decimal(Double(microseconds) / 1000) }

  /// Bytes as KiB.
  static func kibibytes(_ bytes: Double) -> String { decimal(bytes / 1024) }
}
