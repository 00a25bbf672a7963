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

  @Test("Infinities and NaN are written in Prometheus's spelling")
  func specialNumbers() {
    var metrics = MetricsText()
    metrics.family("a", .gauge, help: "")
    for value in [Double.nan, .infinity, -.infinity] { metrics.sample(value) }
    #expect(String(decoding: metrics.bytes, as: UTF8.self).hasSuffix("a NaN\na +Inf\na -Inf\n"))
  }

  @Test("A histogram is written with cumulative buckets, its sum and its count")
  func histogram() {
    var histogram = DurationHistogram()
    histogram.record(.milliseconds(1))
    histogram.record(.milliseconds(40), times: 3)
    histogram.record(.seconds(31))
    var metrics = MetricsText()
    metrics.family("lag_seconds", .histogram, help: "Lag.")
    metrics.sample(histogram, labels: [("loop", "0")])
    let lines = String(decoding: metrics.bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 2 + DurationHistogram.bucketCount + 2)
    #expect(lines[1] == "# TYPE lag_seconds histogram")
    #expect(lines[2] == #"lag_seconds_bucket{loop="0",le="0.0001"} 0"#)
    #expect(lines[4] == #"lag_seconds_bucket{loop="0",le="0.001"} 1"#)
    #expect(lines[9] == #"lag_seconds_bucket{loop="0",le="0.05"} 4"#)
    #expect(lines[15] == #"lag_seconds_bucket{loop="0",le="30.0"} 4"#)
    #expect(lines[16] == #"lag_seconds_bucket{loop="0",le="+Inf"} 5"#)
    #expect(lines[17] == #"lag_seconds_sum{loop="0"} 31.121"#)
    #expect(lines[18] == #"lag_seconds_count{loop="0"} 5"#)
  }

  @Test("A family without samples is announced")
  func emptyFamily() {
    var metrics = MetricsText()
    metrics.family("a", .gauge, help: "b")
    #expect(String(decoding: metrics.bytes, as: UTF8.self) == "# HELP a b\n# TYPE a gauge\n")
  }
}
