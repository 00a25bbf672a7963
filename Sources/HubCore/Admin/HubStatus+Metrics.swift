import HTTP
import Primitives
import Wire

extension HubStatus {
  /// `/metrics`. Labels contain only the hub's own words and the names of edges that our authority certified.
  package var metrics: MetricsText {
    var text = MetricsText()
    writeHub(to: &text)
    writeScores(to: &text)
    writeFences(to: &text)
    writeLedger(to: &text)
    writeLinks(to: &text)
    writeEdges(to: &text)
    writeFleet(to: &text)
    writeOperation(to: &text)
    return text
  }

  private func writeHub(to text: inout MetricsText) {
    text.family("emojitrack_hub_build_info", .gauge, help: "The hub's name and software; always 1.")
    text.sample(
      1, labels: [("node", terms.node.description), ("version", terms.softwareVersion.description)])
    text.family("emojitrack_hub_uptime_seconds", .gauge, help: "How long the process has run.")
    text.sample(uptimeSeconds)
    writeProcess(to: &text)
    text.family("emojitrack_hub_ready", .gauge, help: "1 if an edge that connects now gets live scores.")
    text.sample(isReady ? 1 : 0)
    text.family("emojitrack_hub_feed_live", .gauge, help: "1 if messages come from Redis.")
    text.sample(feed.isLive ? 1 : 0)
    text.family(
      "emojitrack_hub_feed_interruptions_total", .counter, help: "Interruptions of the feed from Redis.")
    text.sample(counters.feed.feedInterruptions)
    text.family(
      "emojitrack_hub_redis_refused", .gauge,
      help: "1 for each feature that Redis refused at the last attempt; the hub works without it.")
    for feature in FeedFeature.allCases {
      text.sample(feed.refusals[feature] == nil ? 0 : 1, labels: [("feature", feature.rawValue)])
    }

    text.family("emojitrack_hub_messages_received_total", .counter, help: "Messages that Redis delivered.")
    text.sample(counters.feed.messagesReceived)
    text.family(
      "emojitrack_hub_messages_packed_total", .counter, help: "Messages from Redis that were used, by kind.")
    for kind in FeedCounters.MessageKind.allCases {
      text.sample(counters.feed.messagesPacked[kind] ?? 0, labels: [("kind", kind.rawValue)])
    }
    text.family(
      "emojitrack_hub_messages_rejected_total", .counter,
      help: "Messages from Redis that were rejected, by reason.")
    // Reasons with the value 0 too, because a rate does not see the first event of a series that begins with it.
    for reason in RejectReason.allCases.map(\.rawValue).sorted() {
      text.sample(counters.feed.messagesRejected[reason] ?? 0, labels: [("reason", reason)])
    }
  }

  private func writeProcess(to text: inout MetricsText) {
    text.family("emojitrack_hub_memory_bytes", .gauge, help: "Resident memory.")
    text.sample(process.memoryBytes)
    text.family(
      "emojitrack_hub_processor_seconds_total", .counter, help: "CPU time that the process has used.")
    text.sample(Double(process.processorTime.wholeNanoseconds) / 1e9)
    text.family(
      "emojitrack_hub_turn_duration_seconds", .histogram,
      help: "How long the turns of the loop took; an event may wait as long as one turn.")
    text.sample(process.turns)
    text.family(
      "emojitrack_hub_tick_duration_seconds", .histogram,
      help: "How long it took to pack a tick, and to queue it for all edges.")
    text.sample(process.ticks)
    text.family(
      "emojitrack_hub_log_lines_dropped_total", .counter,
      help: "Log lines that were dropped, because standard error did not accept them.")
    text.sample(process.logLinesDropped)
    text.family("emojitrack_hub_draining", .gauge, help: "1 if the hub is shutting down.")
    text.sample(isDraining ? 1 : 0)
  }

  private func writeScores(to text: inout MetricsText) {
    text.family("emojitrack_hub_anchored", .gauge, help: "1 if totals and position are those of Redis.")
    text.sample(scores.standing == .anchored ? 1 : 0)
    text.family("emojitrack_hub_position", .gauge, help: "Increments that ever happened in this lineage.")
    text.sample(scores.position)
    text.family("emojitrack_hub_tracked_ids", .gauge, help: "Distinct ids with a total.")
    text.sample(scores.trackedCount)
    text.family(
      "emojitrack_hub_remembered_increments", .gauge, help: "Increments whose order is still known.")
    text.sample(scores.rememberedIncrements)
    text.family("emojitrack_hub_scores_total", .counter, help: "Increments that came from Redis.")
    text.sample(scores.increments)
    text.family(
      "emojitrack_hub_scores_untracked_total", .counter, help: "Increments of ids that are not tracked.")
    text.sample(scores.untrackedIncrements)
    text.family(
      "emojitrack_hub_scores_dropped_total", .counter,
      help: "Increments that were not sent, because too many waited.")
    text.sample(scores.rawSkipped, labels: [("stream", "raw")])
    text.sample(scores.untrackedSkipped, labels: [("stream", "untracked")])
    text.family(
      "emojitrack_hub_topic_events_dropped_total", .counter,
      help: "Tweets and kiosk events that were not sent, because the feed broke before their place was known."
    )
    text.sample(counters.feed.topicEventsUnplaced)
    text.family("emojitrack_hub_flushes_total", .counter, help: "Flushes of scores to the edges.")
    text.sample(counters.feed.flushes)
  }

  private func writeFences(to text: inout MetricsText) {
    let ledger = scores.ledger
    text.family(
      "emojitrack_hub_unanchored", .gauge, help: "1 for the reason why the hub counts for itself.")
    for word in UnanchoredReason.words {
      text.sample(feed.unanchored?.word == word ? 1 : 0, labels: [("reason", word)])
    }
    text.family("emojitrack_hub_fences_total", .counter, help: "Fences that found totals in Redis.")
    text.sample(ledger.fences)
    text.family("emojitrack_hub_lineages_begun_total", .counter, help: "Lineages that began.")
    text.sample(ledger.lineagesBegun)
    text.family(
      "emojitrack_hub_lineages_renewed_total", .counter,
      help: "Lineages that replaced another one, because Redis's totals went backwards.")
    text.sample(ledger.lineagesRenewed)
    text.family(
      "emojitrack_hub_scores_repaired_total", .counter, help: "Lost increments that a fence found.")
    text.sample(ledger.repairedAtReconnect, labels: [("when", "reconnect")])
    text.sample(ledger.repairedWhileConnected, labels: [("when", "connected")])
    text.family(
      "emojitrack_hub_scores_unrepairable_total", .counter,
      help: "Lost increments of ids that are not tracked.")
    text.sample(ledger.unrepairable)
    text.family(
      "emojitrack_hub_scores_overcounted_total", .counter,
      help: "Increments that were sent but are in no total in Redis; they were taken back.")
    text.sample(ledger.overcounted)
    text.family(
      "emojitrack_hub_corrections_total", .counter,
      help: "How often the hub had sent more than Redis holds, and took it back.")
    text.sample(ledger.corrections)
    text.family(
      "emojitrack_hub_drifts_explained_total", .counter,
      help:
        "Drifts that disappeared by themselves, because the feeder sends total and message as two commands.")
    text.sample(ledger.driftsExplained)
  }

  private func writeLinks(to text: inout MetricsText) {
    text.family("emojitrack_hub_links_welcomed_total", .counter, help: "Links of edges that were welcomed.")
    text.sample(counters.links.linksWelcomed)
    text.family(
      "emojitrack_hub_links_replaced_total", .counter,
      help: "Links that were replaced by a newer one of the same node.")
    text.sample(replacements)
    text.family("emojitrack_hub_handshakes_failed_total", .counter, help: "TLS handshakes that failed.")
    text.sample(counters.links.handshakesFailed)
    text.family("emojitrack_hub_links_ended_total", .counter, help: "Links that ended, by reason.")
    for end in EdgeLinkEnd.allCases {
      text.sample(counters.links.linksEnded[end] ?? 0, labels: [("end", end.rawValue)])
    }
    text.family("emojitrack_hub_frames_sent_total", .counter, help: "Messages queued, once for each edge.")
    text.sample(counters.links.framesSent)
    text.family("emojitrack_hub_bytes_sent_total", .counter, help: "Bytes queued for edges, before TLS.")
    text.sample(counters.links.bytesSent)
    text.family("emojitrack_hub_bytes_received_total", .counter, help: "Bytes from edges, after TLS.")
    text.sample(counters.links.bytesReceived)
    text.family(
      "emojitrack_hub_queries_total", .counter, help: "Answers to the queries of edges, by kind and outcome.")
    for kind in LinkCounters.QueryKind.allCases {
      for outcome in QueryOutcome.allCases {
        text.sample(
          counters.links.queriesAnswered[kind]?[outcome] ?? 0,
          labels: [("kind", kind.rawValue), ("outcome", "\(outcome)")])
      }
    }
    text.family(
      "emojitrack_hub_skipped_total", .counter,
      help: "Raw ids and events that slow links did not get, once for each edge.")
    text.sample(skipped.raw, labels: [("kind", "raw")])
    text.sample(skipped.topicEvents, labels: [("kind", "topic_event")])
  }

  private func writeEdges(to text: inout MetricsText) {
    text.family("emojitrack_hub_edges", .gauge, help: "Edges, by state.")
    for state in EdgeRegistry.State.allCases {
      text.sample(edges.count { $0.record.state == state }, labels: [("state", state.rawValue)])
    }
    let linked = edges.compactMap { edge in
      edge.link.map { (edge.record.node.description, $0, edge.topicCount) }
    }
    text.family(
      "emojitrack_hub_edge_backlog_bytes", .gauge, help: "Bytes that wait for the edge's connection.")
    for (node, link, _) in linked { text.sample(link.backlog, labels: [("node", node)]) }
    text.family("emojitrack_hub_edge_round_trip_seconds", .gauge, help: "How long the latest ping took.")
    for (node, link, _) in linked {
      guard let roundTrip = link.roundTrip else { continue }
      text.sample(Double(roundTrip.wholeNanoseconds) / 1e9, labels: [("node", node)])
    }
    text.family("emojitrack_hub_edge_topics", .gauge, help: "Topics that the edge is interested in.")
    for (node, _, topicCount) in linked { text.sample(topicCount, labels: [("node", node)]) }
  }
}
