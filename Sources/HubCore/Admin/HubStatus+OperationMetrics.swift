import HTTP

// Metrics for operators: the present operations on the fleet, refusals, and the expiry of certificates.
extension HubStatus {
  func writeOperation(to text: inout MetricsText) {
    text.family(
      "emojitrack_hub_admin_watchers", .gauge, help: "Clients that follow the hub's status as events.")
    text.sample(operation.watchers)
    text.family(
      "emojitrack_hub_admin_refusals_total", .counter,
      help: "Requests to the admin API that were not admitted, by reason.")
    for refusal in AdminRefusal.allCases {
      text.sample(operation.refusals[refusal] ?? 0, labels: [("reason", refusal.word)])
    }
    let rebalance = operation.rebalance
    text.family(
      "emojitrack_hub_rebalance_active", .gauge, help: "1 while a rebalance releases clients.")
    text.sample(rebalance.state == .active ? 1 : 0)
    text.family(
      "emojitrack_hub_rebalance_released", .gauge, help: "Clients that the latest rebalance has released.")
    text.sample(rebalance.released)
    text.family(
      "emojitrack_hub_certificate_end_timestamp_seconds", .gauge,
      help: "The last second in which the certificate that edges or operators see is valid.")
    for (shownTo, unixSeconds) in operation.certificateEnds {
      text.sample(Double(unixSeconds), labels: [("shown_to", shownTo)])
    }
  }
}

extension AdminRefusal {
  /// The state as a word for metrics.
  var word: String {
    switch self {
    case .unknown: "unknown"
    case .slowedDown: "slowed_down"
    case .foreignHost: "foreign_host"
    case .foreignSite: "foreign_site"
    case .readerOnly: "reader_only"
    case .statusOnly: "status_only"
    }
  }
}
