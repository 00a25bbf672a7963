import EdgeCore
import HTTP

extension HTTP2Counters {
  /// Appends the metrics of HTTP/2.
  func append(to text: inout MetricsText) {
    text.family(
      "emojitrack_edge_http2_connections", .gauge, help: "Connections of HTTP/2, with streams or without.")
    text.sample(connections)
    text.family("emojitrack_edge_http2_streams_total", .counter, help: "Streams that clients opened.")
    text.sample(streamsOpened)
    text.family(
      "emojitrack_edge_http2_resets_total", .counter,
      help: "Streams that were reset, by the side that did it.")
    text.sample(resetsReceived, labels: [("by", "client")])
    text.sample(resetsSent, labels: [("by", "edge")])
    text.family(
      "emojitrack_edge_http2_goaways_total", .counter,
      help: "Connections of HTTP/2 that clients were told to leave, by reason.")
    for reason in GoAwayReason.allCases {
      text.sample(goAways[reason] ?? 0, labels: [("reason", reason.rawValue)])
    }
  }
}
