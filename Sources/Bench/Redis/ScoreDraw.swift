/// Draws score ids about as unevenly as emoji are used: the *k*-th of 800 with a probability of about 1/*k* (Zipf's
/// law).
struct ScoreDraw: Sendable {
  /// SplitMix64 (Steele, Lea, Flood 2014): the same ids in every run.
  private var state: UInt64 = 59
  private let ids: [[UInt8]] = (0..<800).map { Array(String(0x1F300 + $0, radix: 16, uppercase: true).utf8) }

  /// The next id.
  mutating func next() -> [UInt8] {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    bits ^= bits >> 31
    // Every doubling of the rank is about equally likely: a power of two, and an offset up to the next.
    let power = Int(bits & 0xffff) * 10 / 0x1_0000
    let rank = (1 << power) + Int(bits >> 16 & 0xffff) * (1 << power) / 0x1_0000 - 1
    return ids[rank % ids.count]
  }
}
