import Testing

@testable import Bench

@Suite struct PairedSeriesTests {
  private func series(_ pairs: [(Double, Double?)], exact: Bool = true) -> PairedSeries {
    var series = PairedSeries()
    for (ours, reference) in pairs { series.append(.init(ours: ours, reference: reference, isExact: exact)) }
    return series
  }

  @Test("The figure is the median of the turns' ratios: a turn in which both were slow does no harm")
  func ratios() {
    let series = series([(5.5, 5), (55, 50), (6, 5)])
    #expect(abs(series.figure - 1.1) < 1e-9)
    #expect(series.ours == 6)
    #expect(series.reference == 5)
    #expect(abs(series.greatest - 1.2) < 1e-9)
  }

  @Test("Without a reference the figure is the server's own")
  func plain() {
    let series = series([(0.4, nil), (0.2, nil)])
    #expect(abs(series.figure - 0.3) < 1e-9)
    #expect(series.reference == nil)
    #expect(series.least == 0.2)
  }

  @Test("A median of nothing is no number")
  func nothing() {
    #expect(PairedSeries().figure.isNaN)
  }

  @Test("A promise is kept at its limit, missed beyond, and void if a client missed something")
  func verdicts() throws {
    let experiment = Experiment(name: "x", promise: "p", unit: "µs", limit: 1.5, limitOverTLS: 3) { _ in
      .init(ours: 0, reference: nil, isExact: true)
    }
    func verdict(_ series: PairedSeries, isTLS: Bool = false) throws -> String {
      var comparison = Comparison(isTLS: isTLS)
      comparison.append(experiment, series)
      return try #require(comparison.rows[1].last)
    }
    #expect(try verdict(series([(3, 2)])) == "kept")
    #expect(try verdict(series([(4, 2)])) == "missed")
    #expect(try verdict(series([(4, 2)]), isTLS: true) == "kept")
    #expect(try verdict(series([(3, 2)], exact: false)) == "not exact")
    #expect(try verdict(series([])) == "missed")
  }

  @Test("Experiments have names of their own")
  func names() {
    #expect(Set(Experiment.all.map(\.name)).count == Experiment.all.count)
  }
}
