import HTTP
import Primitives
import Wire

// The figures that the edges reported, so that one scrape of the hub shows the fleet. The number of label values is
// that of the edges that our authority certified.
extension HubStatus {
  func writeFleet(to text: inout MetricsText) {
    text.family("emojitrack_hub_edge_up", .gauge, help: "1 if the edge is linked and reports.")
    for record in edges.map(\.record) {
      text.sample(record.state == .live ? 1 : 0, labels: [("node", record.node.description)])
    }
    // An edge that is away reports nothing, and its last figures would look like present ones.
    let reports = edges.filter { $0.link != nil }.compactMap { edge in
      edge.record.report.map { (node: edge.record.node.description, report: $0) }
    }
    for figure in Self.fleetFigures {
      text.family(figure.name, figure.kind, help: figure.help)
      for (node, report) in reports {
        for (field, label) in figure.fields {
          guard let value = report[field] else { continue }
          let labels = [("node" as StaticString, node)] + (label.map { [$0] } ?? [])
          if figure.scale == 1 {
            text.sample(value, labels: labels)
          } else {
            text.sample(Double(value) * figure.scale, labels: labels)
          }
        }
      }
    }
    for (name, histogram, help) in Self.fleetHistograms {
      text.family(name, .histogram, help: help)
      for (node, report) in reports { text.sample(report[histogram], labels: [("node", node)]) }
    }
  }

  /// A metric family of the fleet, and the report's fields for it.
  private struct FleetFigure {
    let name: StaticString
    let kind: MetricFamily.Kind
    let help: String
    let fields: [(ReportField, (StaticString, String)?)]
    /// The factor from the field's unit to the metric's.
    var scale = 1.0
  }

  private static let fleetHistograms: [(StaticString, ReportHistogram, String)] = [
    (
      "emojitrack_hub_edge_delivery_latency_seconds", .deliveryLatency,
      "From a hub's flush to the sockets of the edge's clients, once for each client of raw and eps and each flush."
    ),
    (
      "emojitrack_hub_edge_lag_seconds", .lag,
      "How long the edge's clients that could not keep up lagged until they were in step again."
    ),
  ]

  private static let fleetFigures: [FleetFigure] = [
    .init(
      name: "emojitrack_hub_edge_clients", kind: .gauge, help: "Clients of the edge, as it last reported.",
      fields: [
        (.clientsRaw, ("stream", "raw")), (.clientsEPS, ("stream", "eps")),
        (.clientsDetails, ("stream", "details")), (.clientsAllDetails, ("stream", "all_details")),
        (.clientsInteraction, ("stream", "interaction")),
      ]),
    .init(
      name: "emojitrack_hub_edge_clients_secure", kind: .gauge,
      help: "Clients of the edge that stream over TLS.",
      fields: [(.clientsSecure, nil)]),
    .init(
      name: "emojitrack_hub_edge_clients_lagging", kind: .gauge,
      help: "Clients whose socket did not accept everything that was sent.", fields: [(.clientsLagging, nil)]),
    .init(
      name: "emojitrack_hub_edge_clients_maximum", kind: .gauge,
      help: "The maximum number of clients of the edge.", fields: [(.clientsMaximum, nil)]),
    .init(
      name: "emojitrack_hub_edge_draining", kind: .gauge, help: "1 if the edge releases its clients.",
      fields: [(.isDraining, nil)]),
    .init(
      name: "emojitrack_hub_edge_hubs", kind: .gauge, help: "Hubs that the edge listens to.",
      fields: [(.hubs, nil)]),
    .init(
      name: "emojitrack_hub_edge_hubs_fresh", kind: .gauge,
      help: "Hubs of the edge whose scores reach it and agree with Redis.",
      fields: [(.hubsFresh, nil)]),
    .init(
      name: "emojitrack_hub_edge_governor_level", kind: .gauge,
      help: "How many times the edge has halved the rate of eps, because it lacks CPU time.",
      fields: [(.governorLevel, nil)]),
    .init(
      name: "emojitrack_hub_edge_turn_longest_seconds", kind: .gauge,
      help: "The longest turn of any of the edge's workers in the latest interval of reports.",
      fields: [(.loopLagMaximumMicroseconds, nil)], scale: 1e-6),
    .init(
      name: "emojitrack_hub_edge_memory_bytes", kind: .gauge, help: "Resident memory of the edge.",
      fields: [(.memoryBytes, nil)]),
    .init(
      name: "emojitrack_hub_edge_uptime_seconds", kind: .gauge, help: "How long the edge has run.",
      fields: [(.uptimeSeconds, nil)]),
    .init(
      name: "emojitrack_hub_edge_processor_seconds_total", kind: .counter,
      help: "CPU time that the edge has used.", fields: [(.processorMilliseconds, nil)], scale: 1e-3),
    .init(
      name: "emojitrack_hub_edge_connections_accepted_total", kind: .counter,
      help: "Connections that the edge accepted.", fields: [(.clientsAccepted, nil)]),
    .init(
      name: "emojitrack_hub_edge_connections_closed_total", kind: .counter,
      help: "Connections of the edge that ended.", fields: [(.clientsClosed, nil)]),
    .init(
      name: "emojitrack_hub_edge_clients_refused_total", kind: .counter,
      help: "Clients that the edge rejected.", fields: [(.clientsRefused, nil)]),
    .init(
      name: "emojitrack_hub_edge_clients_released_total", kind: .counter,
      help: "Clients that the edge released, with a time to reconnect.", fields: [(.clientsReleased, nil)]),
    .init(
      name: "emojitrack_hub_edge_events_total", kind: .counter,
      help: "Events for the edge's clients, by outcome.",
      fields: [
        (.eventsSent, ("outcome", "sent")), (.eventsSummed, ("outcome", "summed")),
        (.eventsSkipped, ("outcome", "skipped")),
      ]),
    .init(
      name: "emojitrack_hub_edge_bytes_sent_total", kind: .counter,
      help: "Bytes that the sockets of the edge's clients accepted.", fields: [(.bytesSent, nil)]),
    .init(
      name: "emojitrack_hub_edge_handshakes_total", kind: .counter,
      help: "TLS handshakes of the edge's clients that were completed; some of them resumed a session.",
      fields: [(.handshakes, nil)]),
    .init(
      name: "emojitrack_hub_edge_handshakes_resumed_total", kind: .counter,
      help: "TLS handshakes of the edge's clients that resumed a session.",
      fields: [(.handshakesResumed, nil)]),
    .init(
      name: "emojitrack_hub_edge_handshakes_failed_total", kind: .counter,
      help: "TLS handshakes of the edge's clients that failed.", fields: [(.handshakesFailed, nil)]),
    .init(
      name: "emojitrack_hub_edge_gaps_total", kind: .counter,
      help: "Gaps that hubs reported to the edge, because its link was too slow.",
      fields: [(.gapsReceived, nil)]),
  ]
}
