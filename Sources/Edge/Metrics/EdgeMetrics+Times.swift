import EdgeCore
import HTTP
import Primitives

// Metrics of times: delivery latency, durations, load.
extension EdgeMetrics {
  func appendTimes(to text: inout MetricsText) {
    text.family(
      "emojitrack_edge_delivery_latency_seconds", .histogram,
      help:
        "From the hub's flush to the client's socket, once for each client and flush, by the clocks of both machines. Clients of a lower rate are left out."
    )
    text.sample(counters.times.latencyRaw, labels: [("stream", "raw")])
    text.sample(counters.times.latencyEPS, labels: [("stream", "eps")])
    text.family(
      "emojitrack_edge_lag_seconds", .histogram,
      help: "How long clients that could not keep up lagged until they were in step again.")
    text.sample(counters.delivery.lag)
    text.family(
      "emojitrack_edge_flush_duration_seconds", .histogram,
      help: "How long it took to write one flush to all clients of a stream that are in step.")
    text.sample(counters.times.flush)
    text.family(
      "emojitrack_edge_turn_duration_seconds", .histogram,
      help: "How long the turns of the loops took: what became ready may have waited for one.")
    text.sample(counters.turns, labels: [("loop", "workers")])
    text.sample(link.turns, labels: [("loop", "link")])
    text.family(
      "emojitrack_edge_processor_seconds_total", .counter, help: "CPU time that all threads have used.")
    text.sample(Double(processorTime.wholeNanoseconds) / 1e9)
  }

  func appendConnections(to text: inout MetricsText) {
    text.family(
      "emojitrack_edge_connections", .gauge, help: "Clients that stream, by stream and protocol.")
    for (name, clients) in [("http", counters.plain), ("https", counters.secure)] {
      for (stream, count) in clients.byStream {
        text.sample(count, labels: [("stream", stream), ("protocol", name)])
      }
    }
    text.family(
      "emojitrack_edge_connections_other", .gauge,
      help: "Connections that do not stream: handshakes and requests under way.")
    text.sample(counters.connectionsOther)
    text.family("emojitrack_edge_clients_maximum", .gauge, help: "How many clients are taken at the most.")
    text.sample(counters.clientsMaximum)
  }
}
