import HTTP

// The metrics that an operator who is paged looks at first.
extension EdgeMetrics {
  func appendState(to text: inout MetricsText) {
    text.family(
      "emojitrack_edge_draining", .gauge,
      help: "1 if the edge drains or stops, from its announcement on: it is not ready.")
    text.sample(link.isDraining ? 1 : 0)
    text.family(
      "emojitrack_edge_drain_announced", .gauge,
      help: "1 while a drain or a stop is announced: the edge still takes clients, and lets none go.")
    text.sample(link.isDrainAnnounced ? 1 : 0)
    text.family(
      "emojitrack_edge_full", .gauge,
      help: "1 if clients.maximum is reached, until less than 95 % of it is taken: the edge is not ready.")
    text.sample(counters.isFull ? 1 : 0)
    text.family(
      "emojitrack_edge_clients_releasing", .gauge, help: "Clients that are to be let go and are still here.")
    text.sample(counters.releasing)
    text.family(
      "emojitrack_edge_certificate_end_timestamp_seconds", .gauge,
      help: "The last second in which the certificate is valid that hubs or clients are shown.")
    for (shownTo, unixSeconds) in link.certificateEnds {
      text.sample(Double(unixSeconds), labels: [("shown_to", shownTo)])
    }
  }
}
