import Primitives
import TestSupport
import Testing

@Suite struct HistogramTests {
  @Test("Values below 16 are known exactly") func small() {
    var histogram = Histogram()
    for value in 0...15 as ClosedRange<UInt64> { histogram.record(value) }
    #expect(histogram.quantile(0.5) == 7)
    #expect(histogram.quantile(1) == 15)
    #expect(histogram.quantile(0) == 0)
    #expect(histogram.count == 16 && histogram.sum == 120 && histogram.maximum == 15)
  }

  @Test("Any value is known to within a sixteenth of itself, and is never understated") func precision() {
    var random = SeededGenerator(seed: 6)
    for _ in 0..<2_000 {
      let value = random.next() >> UInt64.random(in: 0...63, using: &random)
      var histogram = Histogram()
      histogram.record(value)
      histogram.record(.max)
      let known = histogram.quantile(0.5)
      #expect(known >= value && known - value <= value / 16, "\(value) became \(known)")
    }
  }

  @Test("No quantile is beyond the greatest value") func maximum() {
    var histogram = Histogram()
    histogram.record(1_000_001)
    #expect(histogram.quantile(0.99) == 1_000_001)
    histogram.record(.max)
    #expect(histogram.quantile(1) == .max)
  }

  @Test("Quantiles rank the values, the upper ones rounded up") func quantiles() {
    var histogram = Histogram()
    histogram.record(1, times: 98)
    histogram.record(5)
    histogram.record(9)
    #expect(histogram.quantile(0.5) == 1)
    #expect(histogram.quantile(0.98) == 1)
    #expect(histogram.quantile(0.981) == 5)
    #expect(histogram.quantile(0.99) == 5)
    #expect(histogram.quantile(0.999) == 9)
  }

  @Test("An empty histogram has only zeros") func empty() {
    let histogram = Histogram()
    #expect(histogram.quantile(0.99) == 0 && histogram.count == 0 && histogram.maximum == 0)
  }

  @Test("Recording a value zero times changes nothing") func noTimes() {
    var histogram = Histogram()
    histogram.record(9, times: 0)
    #expect(histogram == Histogram())
  }

  @Test("Two histograms merge into the one that recorded everything, and a reset empties it") func merge() {
    var random = SeededGenerator(seed: 7)
    var left = Histogram()
    var right = Histogram()
    var both = Histogram()
    for index in 0..<1_000 {
      let value = random.next() >> 40
      if index.isMultiple(of: 3) { left.record(value) } else { right.record(value) }
      both.record(value)
    }
    left.merge(right)
    #expect(left == both)
    left.reset()
    #expect(left == Histogram())
  }

  @Test("The sum wraps around instead of trapping") func sum() {
    var histogram = Histogram()
    histogram.record(.max, times: 3)
    #expect(histogram.sum == UInt64.max - 2)
  }
}
