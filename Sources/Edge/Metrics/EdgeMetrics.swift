import EdgeCore
import HTTP
import Primitives
import Reactor
import Service

/// The edge's metrics. No label names a client, an address or a topic, so their number does not grow with the load.
///
/// A plain number of the workers is declared in ``WorkerCounters/figures``. Here is the rest: metrics with labels,
/// distributions, and the state of the process and of the links.
struct EdgeMetrics {
  let node: String
  let uptime: Duration
  let counters: WorkerCounters
  let link: LinkHealth
  let memoryBytes = ProcessResources.residentBytes()
  let processorTime = ProcessResources.processorTime()

  var text: MetricsText {
    var text = MetricsText()
    appendProcess(to: &text)
    for figure in WorkerCounters.figures { figure.append(counters, to: &text) }
    appendClients(to: &text)
    counters.http2.append(to: &text)
    appendDelivery(to: &text)
    appendState(to: &text)
    appendHubs(to: &text)
    appendTotals(to: &text)
    return text
  }

  private func appendProcess(to text: inout MetricsText) {
    text.family("emojitrack_edge_build_info", .gauge, help: "The edge's name and software; always 1.")
    text.sample(1, labels: [("node", node), ("version", ServiceVersion.current)])
    text.append(
      "emojitrack_edge_uptime_seconds", .gauge, "How long the edge has run.",
      UInt64(uptime.components.seconds))
    text.append("emojitrack_edge_memory_bytes", .gauge, "Resident memory.", memoryBytes)
    text.family(
      "emojitrack_edge_processor_seconds_total", .counter, help: "CPU time that all threads have used.")
    text.sample(Double(processorTime.wholeNanoseconds) / 1e9)
    text.append(
      "emojitrack_edge_log_lines_dropped_total", .counter,
      "Log lines that were dropped, because standard error did not accept them.",
      ServiceLog.droppedLineCount)
    text.family(
      "emojitrack_edge_turn_duration_seconds", .histogram,
      help: "How long the turns of the loops took: what became ready may have waited for one.")
    text.sample(counters.turns, labels: [("loop", "workers")])
    text.sample(link.turns, labels: [("loop", "link")])
  }

  // MARK: The workers

  private func appendClients(to text: inout MetricsText) {
    text.family("emojitrack_edge_clients", .gauge, help: "Clients that stream, by stream.")
    for (stream, count) in counters.streaming.byStream { text.sample(count, labels: [("stream", stream)]) }
    text.family(
      "emojitrack_edge_connections", .gauge, help: "Clients that stream, by stream and protocol.")
    let protocols = [("http", counters.plain), ("https", counters.secure), ("h2", counters.http2Streams)]
    for (name, clients) in protocols {
      for (stream, count) in clients.byStream {
        text.sample(count, labels: [("stream", stream), ("protocol", name)])
      }
    }
    text.family(
      "emojitrack_edge_connections_closed_total", .counter,
      help: "Connections of HTTP/1 and streams of HTTP/2 that ended, by reason.")
    for reason in CloseReason.allCases {
      text.sample(counters.closed[reason] ?? 0, labels: [("reason", reason.rawValue)])
    }
    text.family("emojitrack_edge_handshakes_total", .counter, help: "TLS handshakes, by outcome.")
    text.sample(counters.handshakes - counters.handshakesResumed, labels: [("outcome", "full")])
    text.sample(counters.handshakesResumed, labels: [("outcome", "resumed")])
    text.sample(counters.handshakesFailed, labels: [("outcome", "failed")])
  }

  private func appendDelivery(to text: inout MetricsText) {
    text.family(
      "emojitrack_edge_events_total", .counter,
      help: "Events for clients, by outcome.")
    text.sample(counters.delivery.eventsSent, labels: [("outcome", "sent")])
    text.sample(counters.delivery.eventsSummed, labels: [("outcome", "summed")])
    text.sample(counters.delivery.eventsSkipped, labels: [("outcome", "skipped")])
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
  }

  // MARK: The state of the edge

  /// Appends what an operator who is paged looks at first.
  private func appendState(to text: inout MetricsText) {
    text.append(
      "emojitrack_edge_draining", .gauge,
      "1 if the edge drains or stops, from its announcement on: it is not ready.", link.isDraining ? 1 : 0)
    text.append(
      "emojitrack_edge_drain_announced", .gauge,
      "1 while a drain or a stop is announced: the edge still accepts clients, and releases none.",
      link.isDrainAnnounced ? 1 : 0)
    text.append(
      "emojitrack_edge_full", .gauge,
      "1 if clients.maximum is reached, until less than 95 % of it is taken: the edge is not ready.",
      counters.isFull ? 1 : 0)
    appendMemory(to: &text)
    text.family(
      "emojitrack_edge_certificate_end_timestamp_seconds", .gauge,
      help: "The last second in which the certificate that hubs or clients see is valid.")
    for (shownTo, unixSeconds) in link.certificateEnds {
      text.sample(Double(unixSeconds), labels: [("shown_to", shownTo)])
    }
  }

  private func appendMemory(to text: inout MetricsText) {
    text.append(
      "emojitrack_edge_memory_short", .gauge,
      "1 if 80 % of the memory limit is in use, until less than 75 % is: the edge is not ready.",
      link.memory?.isShort == true ? 1 : 0)
    guard let usage = link.memory?.usage else { return }
    text.append(
      "emojitrack_edge_memory_limit_bytes", .gauge,
      "The memory limit of the process's control group, or of a fuller one above it; absent without a limit.",
      usage.limit)
    text.append(
      "emojitrack_edge_memory_limit_used_bytes", .gauge,
      "What that group uses of its limit, without files in memory that the kernel drops first.", usage.used)
  }

  // MARK: The links

  private func appendHubs(to text: inout MetricsText) {
    /// Appends one sample for each hub, labelled with its number in the setting.
    func hub(
      _ name: StaticString, _ kind: MetricFamily.Kind, _ help: String, _ value: (HubHealth) -> UInt64
    ) {
      text.family(name, kind, help: help)
      for (index, hub) in link.hubs.enumerated() {
        text.sample(value(hub), labels: [("hub", "\(index + 1)")])
      }
    }
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
    hub("emojitrack_edge_link_gaps_total", .counter, "Gaps that the hub reported.") { $0.gapsReceived }
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
  }

  private func appendTotals(to text: inout MetricsText) {
    text.append(
      "emojitrack_edge_fresh", .gauge, "1 if clients are sent what Redis holds at present.",
      link.isFresh ? 1 : 0)
    text.append(
      "emojitrack_edge_topics", .gauge, "Topics that the hubs are asked for.", UInt64(link.topics))
    text.append(
      "emojitrack_edge_corrections_total", .counter,
      "How often clients had been sent more than Redis holds, and it was taken back.", link.corrections)
    text.append("emojitrack_edge_position", .gauge, "The position of the totals.", link.position)
    text.append(
      "emojitrack_edge_ledger_received_total", .counter, "Increments that the edge's own probe received.",
      link.ledger.received)
    text.append(
      "emojitrack_edge_ledger_missing_total", .counter,
      "Increments that the probe should have received and did not.", link.ledger.missing)
    text.append(
      "emojitrack_edge_ledger_doubled_total", .counter,
      "Increments that the probe received and should not have.", link.ledger.doubled)
    text.append(
      "emojitrack_edge_ledger_position", .gauge, "The position that the probe has reached.",
      link.ledger.place?.position ?? 0)
  }
}

extension MetricsText {
  /// Adds a family with one sample.
  fileprivate mutating func append(
    _ name: StaticString, _ kind: MetricFamily.Kind, _ help: String, _ value: UInt64
  ) {
    family(name, kind, help: help)
    sample(value)
  }
}
