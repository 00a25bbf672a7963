import Primitives

extension JSONValue {
  /// The number, if it is whole and not negative. `40.0` and `4e1` are as whole as `40`: JSON has only one kind of
  /// number.
  package var count: UInt64? {
    guard case .number(let text) = self else { return nil }
    var rest = text.utf8[...]
    func digits() -> Substring.UTF8View { rest.prefix(while: \.isASCIIDigit) }
    var mantissa = Array(digits())
    rest = rest.dropFirst(mantissa.count)
    guard !mantissa.isEmpty else { return nil }
    var exponent = 0
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      let fraction = digits()
      guard !fraction.isEmpty else { return nil }
      mantissa += fraction
      exponent -= fraction.count
      rest = rest.dropFirst(fraction.count)
    }
    if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
      guard let written = Int(String(decoding: rest.dropFirst(), as: UTF8.self)), abs(written) < 1_000 else {
        return nil
      }
      exponent += written
      rest = rest[rest.endIndex...]
    }
    guard rest.isEmpty else { return nil }
    if mantissa.allSatisfy({ $0 == UInt8(ascii: "0") }) { return 0 }
    while exponent < 0, mantissa.popLast() == UInt8(ascii: "0") { exponent += 1 }
    guard exponent >= 0 else { return nil }
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: exponent)
    return UInt64(String(decoding: mantissa + zeros, as: UTF8.self))
  }
}
