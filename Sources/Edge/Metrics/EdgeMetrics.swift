import EdgeCore
import HTTP
import Primitives
import Reactor
import Service

/// The edge's metrics. No label names a client, an address or a topic, so their number does not grow with the load.
struct EdgeMetrics {
  let node: String
  let uptime: Duration
  let counters: WorkerCounters
  let link: LinkHealth
  let memoryBytes = ProcessResources.residentBytes()
  let processorTime = ProcessResources.processorTime()

  var text: MetricsText {
    var text = MetricsText()
    text.family("emojitrack_edge_build_info", .gauge, help: "The edge's name and software; always 1.")
    text.sample(1, labels: [("node", node), ("version", ServiceVersion.current)])
    single(
      "emojitrack_edge_uptime_seconds", .gauge, "How long the edge has run.",
      UInt64(uptime.components.seconds))
    single("emojitrack_edge_memory_bytes", .gauge, "Resident memory.", memoryBytes)
    seconds(
      "emojitrack_edge_turn_longest_seconds", "The longest turn of any worker since the last report.",
      counters.longestTurnMicroseconds)
    single(
      "emojitrack_edge_log_lines_dropped_total", .counter,
      "Log lines that were dropped, because the standard error did not take them.",
      ServiceLog.droppedLineCount)
    appendState(to: &text)
    appendClients()
    appendConnections(to: &text)
    appendDelivery()
    appendTimes(to: &text)
    appendLink()
    appendLedger()
    return text

    func single(_ name: StaticString, _ kind: MetricFamily.Kind, _ help: String, _ value: UInt64) {
      text.family(name, kind, help: help)
      text.sample(value)
    }

    /// Converts to seconds, the base unit of Prometheus.
    func seconds(_ name: StaticString, _ help: String, _ microseconds: UInt64) {
      text.family(name, .gauge, help: help)
      text.sample(Double(microseconds) / 1e6)
    }

    /// Appends one sample for each hub, labelled with its number in the setting.
    func hub(
      _ name: StaticString, _ kind: MetricFamily.Kind, _ help: String, _ value: (HubHealth) -> UInt64
    ) {
      text.family(name, kind, help: help)
      for (index, hub) in link.hubs.enumerated() {
        text.sample(value(hub), labels: [("hub", "\(index + 1)")])
      }
    }

    func appendClients() {
      text.family("emojitrack_edge_clients", .gauge, help: "Clients that stream, by stream.")
      for (stream, count) in counters.streaming.byStream { text.sample(count, labels: [("stream", stream)]) }
      single(
        "emojitrack_edge_clients_released_total", .counter,
        "Clients that were let go, and told when to come back.", counters.released)
      single(
        "emojitrack_edge_clients_lagging", .gauge,
        "Clients whose socket has not taken all that they are to get.",
        counters.laggards)
      single(
        "emojitrack_edge_connections_accepted_total", .counter, "Connections that were accepted.",
        counters.accepted)
      single(
        "emojitrack_edge_clients_refused_total", .counter, "Clients that were turned away for want of room.",
        counters.refused)
      text.family(
        "emojitrack_edge_connections_closed_total", .counter, help: "Connections that ended, by reason.")
      for reason in CloseReason.allCases {
        text.sample(counters.closed[reason] ?? 0, labels: [("reason", reason.rawValue)])
      }
      single(
        "emojitrack_edge_proxy_headers_refused_total", .counter,
        "Connections without a proper PROXY header, or from somebody who is not trusted, where one is required.",
        counters.proxyHeadersRefused)
      text.family("emojitrack_edge_handshakes_total", .counter, help: "TLS handshakes, by what came of them.")
      text.sample(counters.handshakes - counters.handshakesResumed, labels: [("outcome", "full")])
      text.sample(counters.handshakesResumed, labels: [("outcome", "resumed")])
      text.sample(counters.handshakesFailed, labels: [("outcome", "failed")])
    }

    func appendDelivery() {
      text.family(
        "emojitrack_edge_events_total", .counter,
        help: "Events that were offered to clients, by what came of them.")
      text.sample(counters.delivery.eventsSent, labels: [("outcome", "sent")])
      text.sample(counters.delivery.eventsSummed, labels: [("outcome", "summed")])
      text.sample(counters.delivery.eventsSkipped, labels: [("outcome", "skipped")])
      single(
        "emojitrack_edge_bytes_sent_total", .counter, "Bytes that clients' sockets took.", counters.bytesSent)
      single(
        "emojitrack_edge_governor_level", .gauge,
        "How often the rate of eps is halved at present, for want of CPU time.", counters.governorLevel)
      single(
        "emojitrack_edge_governor_steps_total", .counter, "How often the rate of eps was halved.",
        counters.governorSteps)
    }

    func appendLedger() {
      single(
        "emojitrack_edge_ledger_received_total", .counter, "Increments that the edge's own probe received.",
        link.ledger.received)
      single(
        "emojitrack_edge_ledger_missing_total", .counter,
        "Increments that the probe should have received and did not.", link.ledger.missing)
      single(
        "emojitrack_edge_ledger_doubled_total", .counter,
        "Increments that the probe received and should not have.", link.ledger.doubled)
      single(
        "emojitrack_edge_ledger_position", .gauge, "The position that the probe has reached.",
        link.ledger.place?.position ?? 0)
    }

    func appendLink() {
      hub("emojitrack_edge_link_up", .gauge, "1 if the hub has welcomed the edge.") { $0.isLive ? 1 : 0 }
      hub("emojitrack_edge_link_fresh", .gauge, "1 if the hub's scores are those of Redis at present.") {
        $0.isFresh ? 1 : 0
      }
      hub(
        "emojitrack_edge_link_followed", .gauge,
        "1 if the hub is up in the lineage that clients are sent."
      ) { $0.isFollowed ? 1 : 0 }
      hub("emojitrack_edge_link_connections_total", .counter, "How often the link came up.") {
        $0.connections
      }
      hub("emojitrack_edge_link_frames_total", .counter, "Frames that came from the hub.") {
        $0.framesReceived
      }
      hub("emojitrack_edge_link_bytes_total", .counter, "Bytes that came from the hub.") {
        $0.bytesReceived
      }
      hub("emojitrack_edge_link_gaps_total", .counter, "Gaps that the hub told of.") { $0.gapsReceived }
      hub(
        "emojitrack_edge_link_skipped_total", .counter,
        "Raw and topic events that the hub skipped for this edge."
      ) { $0.skippedByHub }
      text.family(
        "emojitrack_edge_link_round_trip_seconds", .gauge,
        help: "How long the hub took to answer the last ping.")
      for (index, hub) in link.hubs.enumerated() {
        text.sample(Double(hub.roundTripMicroseconds) / 1e6, labels: [("hub", "\(index + 1)")])
      }
      single(
        "emojitrack_edge_fresh", .gauge, "1 if clients are sent what Redis holds at present.",
        link.isFresh ? 1 : 0)
      single("emojitrack_edge_topics", .gauge, "Topics that the hubs are asked for.", UInt64(link.topics))
      single(
        "emojitrack_edge_corrections_total", .counter,
        "How often clients had been told more than Redis holds, and it was taken back.", link.corrections)
      single("emojitrack_edge_position", .gauge, "The position of the totals.", link.position)
    }
  }
}
