import Primitives
import Testing

@Suite struct DurationHistogramTests {
  @Test("A duration is in the first bucket whose bound it does not exceed")
  func buckets() {
    for (index, bound) in DurationHistogram.bounds.enumerated() {
      var histogram = DurationHistogram()
      histogram.record(bound)
      histogram.record(bound + .nanoseconds(1))
      #expect(histogram.counts[index] == 1)
      #expect(histogram.counts[index + 1] == 1)
      #expect(histogram.count == 2)
    }
  }

  @Test("A negative duration counts as zero, and one beyond all bounds is in the last bucket")
  func ends() {
    var histogram = DurationHistogram()
    histogram.record(.seconds(-1))
    histogram.record(.seconds(3_600), times: 3)
    #expect(histogram.counts.first == 1)
    #expect(histogram.counts.last == 3)
    #expect(histogram.sumMicroseconds == 3 * 3_600_000_000)
    histogram.record(.seconds(1), times: 0)
    #expect(histogram.count == 4)
  }

  @Test("The bounds ascend") func bounds() {
    #expect(DurationHistogram.bounds == DurationHistogram.bounds.sorted())
    #expect(Set(DurationHistogram.bounds).count == DurationHistogram.bounds.count)
  }

  @Test("Histograms add up, and an empty one changes nothing")
  func adding() {
    var left = DurationHistogram()
    var right = DurationHistogram()
    right.record(.milliseconds(3), times: 2)
    left.add(right)
    #expect(left == right)
    left.add(DurationHistogram())
    #expect(left == right)
    left.add(right)
    #expect(left.counts[4] == 4)
    #expect(left.sumMicroseconds == 12_000)
  }

  @Test("The difference to an earlier state is given; everything, if the counter started over")
  func since() {
    var earlier = DurationHistogram()
    earlier.record(.milliseconds(3))
    var later = earlier
    later.record(.milliseconds(40), times: 2)
    #expect(later.since(earlier).counts[7] == 2)
    #expect(later.since(earlier).count == 2)
    #expect(later.since(earlier).sumMicroseconds == 80_000)
    #expect(earlier.since(later) == earlier)
    #expect(later.since(DurationHistogram()) == later)
  }

  @Test("A quantile is the bound of its bucket")
  func quantiles() {
    var histogram = DurationHistogram()
    #expect(histogram.quantile(0.5) == nil)
    histogram.record(.milliseconds(3), times: 99)
    histogram.record(.milliseconds(40))
    #expect(histogram.quantile(0.5) == .milliseconds(5))
    #expect(histogram.quantile(0.99) == .milliseconds(5))
    #expect(histogram.quantile(1) == .milliseconds(50))
    histogram.record(.seconds(31), times: 100)
    #expect(histogram.quantile(0.99) == nil)
  }

  @Test("Received counts may end early")
  func received() {
    let histogram = DurationHistogram(counts: [1, 2], sumMicroseconds: 5)
    #expect(histogram.counts.count == DurationHistogram.bucketCount)
    #expect(histogram.count == 3)
  }
}
