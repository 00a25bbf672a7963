/// Picks a part of many, evenly.
public enum Selection {
  /// How many each of several groups gives, so that together they give a number, each in proportion to its size.
  ///
  /// - Returns: as many numbers as there are sizes, none above its size; their sum is `count`, or all there are.
  public static func shares(of count: Int, among sizes: [Int]) -> [Int] {
    let total = sizes.reduce(0, +)
    guard count < total, count > 0 else { return count > 0 ? sizes : sizes.map { _ in 0 } }
    // Each gets what its end in the row of all lies above its beginning: so rounding errors never add up.
    var end = 0
    var given = 0
    return sizes.map { size in
      end += size
      let givenBefore = given
      given = Int(UInt64(end).multipliedDivided(by: UInt64(count), over: UInt64(total)))
      return given - givenBefore
    }
  }

  /// Picks elements at equal distances. What is sorted by kind gives of each kind its share.
  public static func pick<Element>(
    _ count: Int, of elements: [Element], using random: inout some RandomNumberGenerator
  ) -> [Element] {
    guard count < elements.count else { return elements }
    guard count > 0 else { return [] }
    let distance = Double(elements.count) / Double(count)
    let offset = Double.random(in: 0..<distance, using: &random)
    return (0..<count).map { elements[min(elements.count - 1, Int(offset + Double($0) * distance))] }
  }
}

extension UInt64 {
  fileprivate func multipliedDivided(by factor: UInt64, over divisor: UInt64) -> UInt64 {
    divisor.dividingFullWidth(multipliedFullWidth(by: factor)).quotient
  }
}
