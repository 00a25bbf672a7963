import TestSupport

/// Changes inputs at random, for the short form of fuzzing in the tests. It knows nothing of the code that an input reaches,
/// as libFuzzer does.
struct Mutator {
  var random: SeededGenerator
  let seeds: [[UInt8]]
  let sizeMaximum: Int

  /// The next input: a seed, or parts of two, with one to four changes.
  mutating func next() -> [UInt8] {
    var bytes = seed()
    if Int.random(in: 0..<4, using: &random) == 0 {
      let other = seed()
      bytes.removeSubrange(Int.random(in: 0...bytes.count, using: &random)...)
      bytes += other[Int.random(in: 0...other.count, using: &random)...]
    }
    for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
    return Array(bytes.prefix(sizeMaximum))
  }

  private mutating func seed() -> [UInt8] { seeds[Int.random(in: seeds.indices, using: &random)] }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let index = Int.random(in: bytes.indices, using: &random)
    let end = min(index + Int.random(in: 1...24, using: &random), bytes.count)
    switch Int.random(in: 0...7, using: &random) {
    case 0: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 1: bytes[index] = .random(in: .min ... .max, using: &random)
    case 2: bytes[index] = [0, 1, 0x0a, 0x20, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
    case 3: bytes.removeSubrange(index..<end)
    case 4: bytes.insert(.random(in: .min ... .max, using: &random), at: index)
    case 5: bytes.removeSubrange(index...)
    case 6: bytes.replaceSubrange(index..<end, with: [UInt8](repeating: 0xff, count: end - index))
    default: bytes.insert(contentsOf: bytes[index..<end], at: index)
    }
  }
}
