import Foundation
import HTTP
import Primitives
import Testing

@testable import Telemetry

@Suite struct FormatTests {
  /// A gauge with a label, a counter, and a histogram.
  private static func families(count: UInt64, lags: [Duration] = []) -> [MetricFamily] {
    var histogram = DurationHistogram()
    for lag in lags { histogram.record(lag) }
    var metrics = MetricsText()
    metrics.family("emojitrack_edge_clients", .gauge, help: "Clients.")
    metrics.sample(3, labels: [("stream", "eps")])
    metrics.family("emojitrack_edge_bytes_sent_total", .counter, help: "Bytes.")
    metrics.sample(count)
    metrics.family("emojitrack_edge_lag_seconds", .histogram, help: "Lag.")
    metrics.sample(histogram)
    metrics.family("emojitrack_edge_nothing", .gauge, help: "No sample.")
    return metrics.families
  }

  private var figures = FigureList(prefix: "a.b", node: "edge-1.example")

  @Test("Graphite gets a line for each figure, with paths free of special characters")
  mutating func graphite() {
    let figures = figures.figures(of: Self.families(count: 7, lags: [.milliseconds(3)]))
    let text = String(decoding: GraphiteFormat.bytes(figures, unixSeconds: 99), as: UTF8.self)
    #expect(
      text == """
        a.b.edge.edge-1_example.clients.eps 3 99
        a.b.edge.edge-1_example.bytes_sent_total 7 99
        a.b.edge.edge-1_example.lag_seconds.count 1 99
        a.b.edge.edge-1_example.lag_seconds.sum 0.003 99
        a.b.edge.edge-1_example.lag_seconds.p50 0.005 99
        a.b.edge.edge-1_example.lag_seconds.p99 0.005 99

        """)
  }

  @Test("Quantiles cover the time since the previous push")
  mutating func quantiles() {
    let first = figures.figures(of: Self.families(count: 0, lags: [.milliseconds(3)]))
    let second = figures.figures(of: Self.families(count: 0, lags: [.milliseconds(3), .seconds(60)]))
    let third = figures.figures(of: Self.families(count: 0, lags: [.milliseconds(3), .seconds(60)]))
    func median(_ figures: [FigureList.Figure]) -> Double? {
      figures.first { $0.path.hasSuffix(".p50") }?.value
    }
    #expect(median(first) == 0.005)
    #expect(median(second) == 30)
    #expect(median(third) == nil)
  }

  @Test("StatsD gets gauges as they are and counters as their growth")
  mutating func statsD() {
    var format = StatsDFormat()
    func lines(_ figures: [FigureList.Figure]) -> [String] {
      format.datagrams(figures).flatMap {
        String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init)
      }
    }
    #expect(
      lines(figures.figures(of: Self.families(count: 7))) == ["a.b.edge.edge-1_example.clients.eps:3|g"])
    #expect(
      lines(figures.figures(of: Self.families(count: 19)))
        == ["a.b.edge.edge-1_example.clients.eps:3|g", "a.b.edge.edge-1_example.bytes_sent_total:12|c"])
  }

  @Test("StatsD's counters are whole numbers, with times in microseconds, and no growth is lost")
  mutating func statsDTimes() throws {
    var format = StatsDFormat()
    var sums = ["processor_microseconds_total": 0, "lag_microseconds.sum": 0]
    for step in 0...300 {
      var lag = DurationHistogram()
      lag.record(.microseconds(333 * step))
      var metrics = MetricsText()
      metrics.family("emojitrack_edge_processor_seconds_total", .counter, help: "CPU.")
      metrics.sample(Double(1_016_000_400 + 84_000_250 * step) / 1e9)
      metrics.family("emojitrack_edge_lag_seconds", .histogram, help: "Lag.")
      metrics.sample(lag)
      for datagram in format.datagrams(figures.figures(of: metrics.families)) {
        for line in String(decoding: datagram, as: UTF8.self).split(separator: "\n")
        where line.hasSuffix("|c") {
          let counter = try #require(
            line.wholeMatch(of: /a\.b\.edge\.edge-1_example\.([a-z_.]+):([0-9]+)\|c/), "\(line)")
          sums[String(counter.1), default: 0] += Int(counter.2) ?? 0
        }
      }
    }
    #expect(sums == ["processor_microseconds_total": 25_200_075, "lag_microseconds.sum": 99_900])
  }

  @Test("Datagrams are not longer than a network allows, and no line is cut")
  func datagrams() {
    var format = StatsDFormat()
    let figures = (0..<200).map {
      FigureList.Figure(path: "some.rather.long.path.\($0)", value: 1, isCumulative: false)
    }
    let datagrams = format.datagrams(figures)
    #expect(datagrams.count > 3)
    #expect(datagrams.allSatisfy { $0.count <= StatsDFormat.datagramMaximum })
    let lines = datagrams.flatMap { String(decoding: $0, as: UTF8.self).split(separator: "\n") }
    #expect(lines.count == 200 && lines.allSatisfy { $0.hasSuffix(":1|g") })
  }

  @Test("Infinities and NaN are not pushed")
  mutating func notFinite() {
    var metrics = MetricsText()
    metrics.family("emojitrack_hub_a", .gauge, help: "")
    for value in [Double.nan, .infinity, 2.5] { metrics.sample(value) }
    #expect(figures.figures(of: metrics.families).map(\.value) == [2.5])
  }

  @Test("OTLP is JSON with its kinds, labels, times and buckets")
  func openTelemetry() throws {
    let origin = MetricsOrigin(
      service: "emojitrack-edge", node: "edge-1", version: "1.2", startedAtMicroseconds: 5)
    let body = OpenTelemetryFormat(origin: origin)
      .body(Self.families(count: 7, lags: [.milliseconds(3)]), unixMicroseconds: 1_000_000)
    let request = try JSONDecoder().decode(Request.self, from: Data(body))
    let resource = try #require(request.resourceMetrics.first)
    #expect(resource.resource.attributes.map(\.key).contains("service.instance.id"))
    let metrics = try #require(resource.scopeMetrics.first).metrics
    #expect(
      metrics.map(\.name) == [
        "emojitrack_edge_clients", "emojitrack_edge_bytes_sent_total", "emojitrack_edge_lag_seconds",
      ])
    let gauge = try #require(metrics[0].gauge?.dataPoints.first)
    #expect(gauge.asInt == "3" && gauge.timeUnixNano == "1000000000" && gauge.startTimeUnixNano == nil)
    #expect(gauge.attributes.first?.key == "stream" && gauge.attributes.first?.value.stringValue == "eps")
    let sum = try #require(metrics[1].sum)
    #expect(sum.isMonotonic == true && sum.aggregationTemporality == 2)
    #expect(sum.dataPoints.first?.startTimeUnixNano == "5000")
    let histogram = try #require(metrics[2].histogram?.dataPoints.first)
    #expect(histogram.count == "1" && histogram.sum == 0.003)
    #expect(histogram.bucketCounts?.count == (histogram.explicitBounds?.count ?? 0) + 1)
    #expect(histogram.bucketCounts?[4] == "1" && histogram.explicitBounds?[4] == 0.005)
  }

  private struct Request: Decodable {
    struct Attribute: Decodable {
      struct Value: Decodable {
        let stringValue: String
      }
      let key: String
      let value: Value
    }
    struct Point: Decodable {
      let attributes: [Attribute]
      let startTimeUnixNano: String?
      let timeUnixNano: String
      let asInt: String?
      let count: String?
      let sum: Double?
      let bucketCounts: [String]?
      let explicitBounds: [Double]?
    }
    struct Points: Decodable {
      let aggregationTemporality: Int?
      let isMonotonic: Bool?
      let dataPoints: [Point]
    }
    struct Metric: Decodable {
      let name: String
      let gauge: Points?
      let sum: Points?
      let histogram: Points?
    }
    struct Scope: Decodable {
      let metrics: [Metric]
    }
    struct Attributes: Decodable {
      let attributes: [Attribute]
    }
    struct Resource: Decodable {
      let resource: Attributes
      let scopeMetrics: [Scope]
    }
    let resourceMetrics: [Resource]
  }
}
