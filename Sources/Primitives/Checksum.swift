/// A checksum of totals, in 64 bits: for each id its weight times its total, summed modulo 2⁶⁴.
///
/// Equal totals have equal checksums, in whatever order their increments came, at every hub and every edge. So a
/// place in a history can carry what the totals were there, and not only the number of increments. It is a multiset
/// hash: an increment adds the weight of its id, and taking it back subtracts it. It detects diverged histories, but
/// does not protect against forgery.
package struct Checksum: Hashable, Sendable {
  private var sum: UInt64 = 0

  /// The checksum of no totals.
  package init() {}

  /// An id's total grew.
  ///
  /// - Parameter weight: ``ScoreID/weight``.
  package mutating func add(_ amount: UInt64, of weight: UInt64) { sum &+= amount &* weight }

  /// An id's total fell.
  ///
  /// - Parameter weight: ``ScoreID/weight``.
  package mutating func subtract(_ amount: UInt64, of weight: UInt64) { sum &-= amount &* weight }

  /// The check in a resume token: 32 bits to which all 64 contribute.
  package var check: UInt32 { UInt32(truncatingIfNeeded: Mixing.mixed(sum) >> 32) }
}

extension ScoreID {
  /// The amount that one increment of this id adds to a ``Checksum``: FNV-1a (64 bits) of its bytes, mixed.
  package var weight: UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Mixing.mixed(hash)
  }
}

/// The finalizer of SplitMix64 (G. Steele, D. Lea, C. Flood 2014): each bit of the result depends on all bits.
private enum Mixing {
  static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
