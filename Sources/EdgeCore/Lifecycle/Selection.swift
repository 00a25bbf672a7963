import Primitives

/// Picks some clients of many: an even sample, or the slowest.
package enum Selection {
  /// Divides a number among several groups, in proportion to their sizes.
  ///
  /// - Returns: one number for each size, none above its size. Their sum is `count`, or the sum of the sizes if that
  ///   is less.
  package static func shares(of count: Int, among sizes: [Int]) -> [Int] {
    let total = sizes.reduce(0, +)
    guard count < total, count > 0 else { return count > 0 ? sizes : sizes.map { _ in 0 } }
    // Each group gets the difference between its rounded end and its rounded beginning, so that rounding errors never
    // add up.
    var end = 0
    var given = 0
    return sizes.map { size in
      end += size
      let givenBefore = given
      given = Int(UInt64(end).multipliedDivided(by: UInt64(count), over: UInt64(total)))
      return given - givenBefore
    }
  }

  /// Picks elements at equal distances. From elements sorted by kind it takes each kind in proportion.
  package static func pick<Element>(
    _ count: Int, of elements: [Element], using random: inout some RandomNumberGenerator
  ) -> [Element] {
    guard count < elements.count else { return elements }
    guard count > 0 else { return [] }
    let distance = Double(elements.count) / Double(count)
    let offset = Double.random(in: 0..<distance, using: &random)
    return (0..<count).map { elements[min(elements.count - 1, Int(offset + Double($0) * distance))] }
  }

  /// Picks a part of the clients that lag, at least one: those that are farthest behind.
  ///
  /// - Parameter share: the part, from 0 to 1.
  package static func slowest(_ share: Double, of behind: [(slot: Int32, since: Instant)]) -> [Int32] {
    let count = Int((Double(behind.count) * share).rounded(.up))
    return behind.sorted { $0.since < $1.since }.prefix(count).map(\.slot)
  }
}

extension UInt64 {
  fileprivate func multipliedDivided(by factor: UInt64, over divisor: UInt64) -> UInt64 {
    divisor.dividingFullWidth(multipliedFullWidth(by: factor)).quotient
  }
}
