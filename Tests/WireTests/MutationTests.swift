import TestSupport
import Testing
import Wire

/// Valid streams after random changes.
@Suite struct MutationTests {
  @Test(
    "No mutation of a stream causes a crash, and its division changes nothing",
    arguments: Peer.allCases)
  func mutations(_ peer: Peer) throws {
    let seed: UInt64 = peer == .edge ? 21 : 22
    var random = SeededGenerator(seed: seed)
    let frames = try GoldenVector.all().filter { $0.message.type.isSent(by: peer) }.map { try $0.bytes() }
    var refused = 0
    for round in 0..<10_000 {
      var stream: [UInt8] = []
      for _ in 0..<3 { stream += frames[Int.random(in: frames.indices, using: &random)] }
      for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&stream, using: &random) }

      let whole = decode(stream, from: peer)
      let cuts = (0..<3).map { _ in Int.random(in: 0...stream.count, using: &random) }.sorted()
      let pieces = decode(stream, from: peer, cutAt: cuts)
      // Compared before `#expect`, which costs more than the decoding.
      if whole != pieces { Issue.record("seed \(seed), round \(round), stream \(stream), cut at \(cuts)") }
      if whole.error != nil { refused += 1 }
      if decode(encode(whole.messages), from: peer) != Decoded(messages: whole.messages) {
        Issue.record("seed \(seed), round \(round), stream \(stream) is not encoded as it was decoded")
      }
    }
    // Some mutations are harmless, but not most of them, and not all are fatal.
    #expect((1_000...9_900).contains(refused), "\(refused) of 10,000 streams were refused")
  }

  private func mutate(_ stream: inout [UInt8], using random: inout SeededGenerator) {
    guard !stream.isEmpty else { return }
    let index = Int.random(in: stream.indices, using: &random)
    switch Int.random(in: 0...6, using: &random) {
    case 0: stream[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
    case 1: stream[index] = .random(in: .min ... .max, using: &random)
    case 2: stream[index] = [0, 1, 0x7f, 0x80, 0xc0, 0xff].randomElement(using: &random) ?? 0
    case 3: stream.remove(at: index)
    case 4: stream.insert(.random(in: .min ... .max, using: &random), at: index)
    case 5: stream.removeSubrange(index...)
    default:
      let end = min(index + Int.random(in: 1...20, using: &random), stream.count)
      stream.insert(contentsOf: stream[index..<end], at: index)
    }
  }
}
