import TestSupport

extension [UInt8] {
  /// The bytes in pieces, as they may arrive: in two ways that follow from the bytes alone, so that an input is enough to
  /// repeat a finding.
  var divisions: [[ArraySlice<UInt8>]] {
    var random = generator
    return [pieces(upTo: 3, using: &random), pieces(upTo: Swift.max(4, count), using: &random)]
  }

  /// A generator whose seed is a hash of the bytes (FNV-1a).
  var generator: SeededGenerator {
    SeededGenerator(seed: reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
  }

  private func pieces(upTo maximum: Int, using random: inout SeededGenerator) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var index = 0
    while index < count {
      let end = Swift.min(count, index + Int.random(in: 1...maximum, using: &random))
      pieces.append(self[index..<end])
      index = end
    }
    return pieces
  }
}
