import TestSupport
import Testing

@testable import Feeder

@Suite("Zipf")
struct ZipfTests {
  private func shares(count: Int, exponent: Double, draws: Int = 200_000) -> [Double] {
    let zipf = Zipf(count: count, exponent: exponent)
    var random = SeededGenerator(seed: 7)
    var hits = [Int](repeating: 0, count: count)
    for _ in 0..<draws { hits[zipf.draw(using: &random)] += 1 }
    return hits.map { Double($0) / Double(draws) }
  }

  @Test("draws the first rank twice as often as the second, thrice as often as the third")
  func zipf() {
    let shares = shares(count: 1000, exponent: 1)
    #expect(abs(shares[0] / shares[1] - 2) < 0.1)
    #expect(abs(shares[0] / shares[2] - 3) < 0.15)
    #expect(shares[999] > 0)
  }

  @Test("draws evenly with exponent 0")
  func even() {
    #expect(shares(count: 4, exponent: 0).allSatisfy { abs($0 - 0.25) < 0.01 })
  }

  @Test("draws the only rank there is")
  func one() {
    #expect(shares(count: 1, exponent: 2, draws: 10) == [1])
  }

  @Test("draws the same ranks from the same seed")
  func deterministic() {
    let zipf = Zipf(count: 100, exponent: 1.1)
    var first = SeededGenerator(seed: 3)
    var second = SeededGenerator(seed: 3)
    #expect((0..<50).map { _ in zipf.draw(using: &first) } == (0..<50).map { _ in zipf.draw(using: &second) })
  }
}
