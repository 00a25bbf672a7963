import HTTP
import Primitives
import Testing

@Suite struct MetricsTextTests {
  @Test("A family is announced once and its samples follow")
  func families() {
    var metrics = MetricsText()
    metrics.family("emojitrack_edge_clients", .gauge, help: "Clients that stream now.")
    metrics.sample(3, labels: [("stream", "raw")])
    metrics.sample(0, labels: [("stream", "eps"), ("listener", "a")])
    metrics.family("emojitrack_edge_bytes_sent_total", .counter, help: "Bytes.")
    metrics.sample(UInt64.max)
    metrics.sample(0.5)
    #expect(
      String(decoding: metrics.bytes, as: UTF8.self) == """
        # HELP emojitrack_edge_clients Clients that stream now.
        # TYPE emojitrack_edge_clients gauge
        emojitrack_edge_clients{stream="raw"} 3
        emojitrack_edge_clients{stream="eps",listener="a"} 0
        # HELP emojitrack_edge_bytes_sent_total Bytes.
        # TYPE emojitrack_edge_bytes_sent_total counter
        emojitrack_edge_bytes_sent_total 18446744073709551615
        emojitrack_edge_bytes_sent_total 0.5

        """)
  }

  @Test("Help and labels cannot end their line or their quotes")
  func escaping() {
    var metrics = MetricsText()
    metrics.family("a", .gauge, help: "a\\b\nc\"")
    metrics.sample(1, labels: [("b", "x\\y\nz\"")])
    #expect(
      String(decoding: metrics.bytes, as: UTF8.self)
        == "# HELP a a\\\\b\\nc\"\n# TYPE a gauge\na{b=\"x\\\\y\\nz\\\"\"} 1\n")
  }

  @Test("Infinities and NaN are written as Prometheus reads them")
  func specialNumbers() {
    var metrics = MetricsText()
    metrics.family("a", .gauge, help: "")
    for value in [Double.nan, .infinity, -.infinity] { metrics.sample(value) }
    #expect(String(decoding: metrics.bytes, as: UTF8.self).hasSuffix("a NaN\na +Inf\na -Inf\n"))
  }

  @Test("A histogram becomes quantiles, sum and count, in the unit of the metric")
  func summary() {
    var histogram = Histogram()
    histogram.record(4)
    histogram.record(8, times: 3)
    var metrics = MetricsText()
    metrics.family("lag_seconds", .summary, help: "Lag.")
    metrics.summary(histogram, unit: 0.5, labels: [("loop", "0")])
    #expect(
      String(decoding: metrics.bytes, as: UTF8.self).hasSuffix(
        """
        lag_seconds{loop="0",quantile="0.5"} 4.0
        lag_seconds{loop="0",quantile="0.9"} 4.0
        lag_seconds{loop="0",quantile="0.99"} 4.0
        lag_seconds{loop="0",quantile="1"} 4.0
        lag_seconds_sum{loop="0"} 14.0
        lag_seconds_count{loop="0"} 4

        """))
  }
}
