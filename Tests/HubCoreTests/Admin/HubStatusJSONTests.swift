import HubCore
import Primitives
import Testing
import Wire

@Suite struct HubStatusJSONTests {
  private var fixture: StatusFixture

  init() throws {
    fixture = try StatusFixture()
  }

  @Test("status.json shows the hub and its edges, in this order of members")
  func golden() throws {
    let expected = [
      #"{"node":"hub","status":"OK","reported_at":1800000061,"version":"0.1.0","uptime_seconds":61,"#,
      #""redis":{"state":"live","detail":"","interruptions":1,"refused":{}},"#,
      #""scores":{"lineage":"first","position":42,"standing":"anchored","anchored":true,"tracked_ids":1,"#,
      #""remembered_increments":1,"#,
      #""repaired":0,"unrepairable":0,"fences":{"total":2,"lineages_begun":1,"repaired_at_reconnect":0,"#,
      #""repaired_while_connected":0,"overcounted":0,"corrections":0,"drifts_explained":0,"feeder_atomic":true}},"#,
      #""messages":{"received":2,"packed":{"score":1,"tweet":0,"interaction":0,"fence":0},"#,
      #""rejected":{"id_empty":1},"residual":0},"#,
      #""queries":{"past":{"answered":0,"unknown":0,"unavailable":0},"order":{"answered":0,"unknown":1,"unavailable":0},"#,
      #""tweets":{"answered":0,"unknown":0,"unavailable":0},"fence":{"answered":0,"unknown":0,"unavailable":0}},"#,
      #""ledger":{"balanced":true,"missing":0,"repaired":0,"doubled":0},"#,
      #""edges":[{"node":"edge-1","state":"live","since":1800000060,"address":"127.0.0.1:4711","version":"0.1.0","#,
      #""flow":"following","topics":3,"backlog_bytes":123,"round_trip_microseconds":1000,"#,
      #""skipped_raw":0,"skipped_topic_events":0,"reported_at":1800000060,"#,
      #""report":{"clients_raw":2,"clients_eps":7,"loop_lag_maximum_microseconds":900},"#,
      #""delivery_latency":{"buckets":[0,0,0,0,0,0,5,1,0,0,0,0,0,0,0],"sum_microseconds":130000},"#,
      #""lag":{"buckets":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"sum_microseconds":0}},"#,
      #"{"node":"edge-2","state":"lost","since":1800000050,"address":"[::1]:9","version":"0.1.0","end":"peerClosed"}]}"#,
    ]
    #expect(try fixture.response("GET", "/admin/status.json").text == expected.joined())
  }

  @Test("Two edges that report the greatest numbers do no harm")
  mutating func greatestReports() throws {
    var report = Report()
    for field in ReportField.allCases { report[field] = .max }
    let other = Hello(node: try #require(NodeName("edge-2")), softwareVersion: fixture.terms.softwareVersion)
    _ = fixture.registry.linkEstablished(3, by: other, from: "[::1]:9", now: seconds(59))
    for (node, link) in [(fixture.node, 1), (other.node, 3)] {
      fixture.registry.reportReceived(report, of: node, by: link, at: 0, now: seconds(60))
    }
    let status = fixture.status()
    #expect(status.ledgerMissing == .max && status.ledgerDoubled == .max)
    let records = fixture.registry.records
    #expect(records.map(\.clientCount) == [5_000_000_000, 5_000_000_000])
    for path in ["/admin/status.json", "/admin/streams", "/admin/ledger", "/metrics"] {
      #expect(try fixture.response("GET", path).text.contains("18446744073709551615"), "\(path)")
    }
    // A share of all its clients is a number too.
    let decision = try fixture.decision(
      "POST", "/admin/edges/edge-1/shed", body: #"{"percent":100}"#,
      fields: "Content-Type: application/json\r\n")
    #expect("\(decision.answer)".contains("clients=5000000000"))
    var rebalance = Rebalance()
    rebalance.begin(rate: 10)
    let loads = records.map {
      Rebalance.Load(node: $0.node, clients: $0.clientCount, reportedAt: seconds(60))
    }
    #expect(rebalance.timerTriggered(loads, now: seconds(61)) == [])
  }

  @Test("A hub without a lineage, and an edge without a round trip, show null")
  mutating func unknowns() throws {
    fixture.scores = ScoreTable()
    fixture.link = try LinkFixture.welcomed().link
    let text = try fixture.response("GET", "/admin/status.json").text
    #expect(text.contains(#""lineage":null,"position":0,"standing":"awaitingFence","anchored":false"#))
    #expect(text.contains(#""round_trip_microseconds":null"#))
  }

  @Test("An unanchored hub gives the reason as a word and as a sentence")
  mutating func unanchored() throws {
    let reason = UnanchoredReason.scoresMissing(key: "k")
    fixture.feed = HubStatus.Feed(isLive: true, detail: "\(reason)", unanchored: reason)
    let text = try fixture.response("GET", "/admin/status.json").text
    #expect(text.contains(#""detail":"there is no sorted set k in Redis","unanchored":"scores_missing""#))
    let metrics = try fixture.response("GET", "/metrics").text
    #expect(metrics.contains(#"emojitrack_hub_unanchored{reason="scores_missing"} 1"#))
    #expect(metrics.contains(#"emojitrack_hub_unanchored{reason="right_missing"} 0"#))
  }

  @Test("A refusal by Redis is shown with its reason, and is a word in the metrics")
  mutating func refused() throws {
    let refusal = FeedRefusal(request: "PSUBSCRIBE x*", message: "NOPERM no")
    fixture.feed = HubStatus.Feed(isLive: true, detail: "", refusals: [.tweets: refusal])
    let text = try fixture.response("GET", "/admin/status.json").text
    #expect(
      text.contains(
        #""refused":{"tweets":"the Redis user lacks the right to PSUBSCRIBE x*: NOPERM no"}"#))
    let metrics = try fixture.response("GET", "/metrics").text
    #expect(metrics.contains(#"emojitrack_hub_redis_refused{feature="tweets"} 1"#))
    #expect(metrics.contains(#"emojitrack_hub_redis_refused{feature="fences"} 0"#))
  }

  @Test("The status is one word: draining before interrupted before OK")
  mutating func health() throws {
    fixture.feed = HubStatus.Feed(isLive: false, detail: "Redis said \"no\"\n")
    let interrupted = try fixture.response("GET", "/admin/status.json").text
    #expect(interrupted.contains(#""status":"INTERRUPTED""#))
    #expect(interrupted.contains(#""detail":"Redis said \"no\"\n""#))
    fixture.isDraining = true
    #expect(try fixture.response("GET", "/admin/status.json").text.contains(#""status":"DRAINING""#))
  }

  @Test("Every field of a report has a name of its own")
  mutating func reportFields() throws {
    var report = Report()
    for field in ReportField.allCases { report[field] = 1_000_000 + UInt64(field.rawValue) }
    fixture.registry.reportReceived(report, of: fixture.node, by: 1, at: 0, now: seconds(61))
    let text = try fixture.response("GET", "/admin/status.json").text
    let start = try #require(text.firstRange(of: #""report":{"#)?.upperBound)
    let members = text[start...].prefix { $0 != "}" }.split(separator: ",")
    #expect(Set(members.map { $0.prefix { $0 != ":" } }).count == ReportField.allCases.count)
    #expect(
      members.allSatisfy { $0.utf8.allSatisfy { $0 != UInt8(ascii: " ") && !(0x41...0x5a).contains($0) } })
  }
}
