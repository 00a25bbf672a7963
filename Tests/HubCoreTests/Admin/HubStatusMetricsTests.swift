import HubCore
import Testing

@Suite struct HubStatusMetricsTests {
  private var fixture: StatusFixture

  init() throws {
    fixture = try StatusFixture()
  }

  private func lines() throws -> [Substring] {
    try fixture.response("GET", "/metrics").text.split(separator: "\n")
  }

  @Test(
    "The metrics of the hub and of each edge are present",
    arguments: [
      #"emojitrack_hub_build_info{node="hub",version="0.1.0"} 1"#,
      "emojitrack_hub_uptime_seconds 61",
      "emojitrack_hub_ready 1",
      "emojitrack_hub_feed_interruptions_total 1",
      "emojitrack_hub_messages_received_total 2",
      #"emojitrack_hub_messages_packed_total{kind="score"} 1"#,
      #"emojitrack_hub_messages_rejected_total{reason="id_empty"} 1"#,
      #"emojitrack_hub_messages_rejected_total{reason="payload_too_long"} 0"#,
      "emojitrack_hub_position 42",
      "emojitrack_hub_scores_total 1",
      "emojitrack_hub_remembered_increments 1",
      #"emojitrack_hub_queries_total{kind="order",outcome="unknown"} 1"#,
      #"emojitrack_hub_queries_total{kind="past",outcome="answered"} 0"#,
      #"emojitrack_hub_edges{state="live"} 1"#,
      #"emojitrack_hub_edges{state="left"} 0"#,
      #"emojitrack_hub_edge_backlog_bytes{node="edge-1"} 123"#,
      #"emojitrack_hub_edge_round_trip_seconds{node="edge-1"} 0.001"#,
      #"emojitrack_hub_edge_topics{node="edge-1"} 3"#,
      #"emojitrack_hub_edge_clients{node="edge-1",stream="eps"} 7"#,
      #"emojitrack_hub_edge_up{node="edge-1"} 1"#,
      #"emojitrack_hub_edge_up{node="edge-2"} 0"#,
      #"emojitrack_hub_edge_turn_longest_seconds{node="edge-1"} 0.0009"#,
      #"emojitrack_hub_edge_delivery_latency_seconds_bucket{node="edge-1",le="0.02"} 5"#,
      #"emojitrack_hub_edge_delivery_latency_seconds_bucket{node="edge-1",le="+Inf"} 6"#,
      #"emojitrack_hub_edge_delivery_latency_seconds_count{node="edge-1"} 6"#,
      #"emojitrack_hub_edge_lag_seconds_sum{node="edge-1"} 0.0"#,
      "emojitrack_hub_admin_watchers 0",
      #"emojitrack_hub_admin_refusals_total{reason="reader_only"} 0"#,
      #"emojitrack_hub_admin_refusals_total{reason="status_only"} 0"#,
      "emojitrack_hub_rebalance_active 0",
      "emojitrack_hub_memory_bytes 4096",
      "emojitrack_hub_processor_seconds_total 1.5",
      "emojitrack_hub_log_lines_dropped_total 5",
      #"emojitrack_hub_tick_duration_seconds_bucket{le="0.0005"} 1"#,
    ])
  func samples(line: String) throws {
    #expect(try lines().contains { $0 == line })
  }

  @Test("Each family is declared once, its samples follow it, and only counters end in _total")
  func families() throws {
    var announced: Set<Substring> = []
    var family: Substring = ""
    for line in try lines() {
      let words = line.split(separator: " ")
      if line.hasPrefix("# TYPE ") {
        family = words[2]
        #expect(announced.insert(family).inserted)
        #expect((words[3] == "counter") == family.hasSuffix("_total"))
      } else if !line.hasPrefix("#") {
        let name = line.prefix { $0 != "{" && $0 != " " }
        #expect(name == family || ["_bucket", "_sum", "_count"].contains { name == family + $0 })
      }
    }
    #expect(announced.count > 20)
  }

  @Test("Skipped events of present links and of ended links add up")
  mutating func skipped() throws {
    var ended = try LinkFixture.welcomed().link
    _ = ended.admitsRaw(count: 5)
    fixture.counters.links.linkEnded(ended, .stalled)
    fixture.link = try LinkFixture.welcomed().link
    _ = fixture.link.admitsRaw(count: 2)
    _ = fixture.link.admitsTopicEvent()
    #expect(try lines().contains { $0 == #"emojitrack_hub_skipped_total{kind="raw"} 7"# })
    #expect(try lines().contains { $0 == #"emojitrack_hub_skipped_total{kind="topic_event"} 1"# })
    #expect(try lines().contains { $0 == #"emojitrack_hub_links_ended_total{end="stalled"} 1"# })
  }

  @Test("An edge without a link has no metrics but that it is away")
  func unlinked() throws {
    #expect(try lines().count { $0.contains("edge-2") } == 1)
  }
}
