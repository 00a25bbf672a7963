import Glibc

/// Draws ranks with the frequencies of natural words: rank *k* (from 1) with a probability proportional to 1/*k*ˢ.
struct Zipf: Sendable {
  /// For each rank the probability of it or a lower one; the last is 1.
  private let cumulative: [Double]

  /// - Parameters:
  ///   - count: how many ranks there are, at least one.
  ///   - exponent: the *s* above, at least 0: 0 draws evenly, 1 is Zipf's own.
  init(count: Int, exponent: Double) {
    precondition(count > 0 && exponent >= 0 && exponent.isFinite)
    var sum = 0.0
    let sums = (1...count).map { rank in
      sum += pow(Double(rank), -exponent)
      return sum
    }
    cumulative = sums.map { $0 / sum }
  }

  /// A rank, counted from 0.
  func draw(using random: inout some RandomNumberGenerator) -> Int {
    let point = Double.random(in: 0..<1, using: &random)
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > point { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
