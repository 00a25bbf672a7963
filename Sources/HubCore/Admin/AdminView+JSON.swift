import HTTP
import Primitives
import Wire

extension AdminView {
  private static func json(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter()
    json.object(members)
    return json.bytes
  }

  /// `/admin/edges`.
  var edgesJSON: [UInt8] {
    Self.json { json in
      json.member("edges") { $0.array { json in status.edges.forEach { status.write($0, to: &json) } } }
    }
  }

  /// `/admin/edges/NAME`.
  func json(of edge: HubStatus.Edge) -> [UInt8] {
    var json = JSONWriter()
    status.write(edge, to: &json)
    return json.bytes
  }

  /// `/admin/version`.
  var versionJSON: [UInt8] {
    Self.json { json in
      json.member("node", status.terms.node.description)
      json.member("software", status.terms.softwareVersion.description)
      json.member("protocol") { json in
        json.object { json in
          json.member("lowest", status.terms.versions.lowerBound)
          json.member("highest", status.terms.versions.upperBound)
        }
      }
    }
  }

  /// `/admin/configuration`.
  var settingsJSON: [UInt8] {
    Self.json { json in
      json.member("settings") { json in
        json.array { json in
          for setting in settings {
            json.object { json in
              json.member("key", setting.key)
              json.member("value", setting.value)
              json.member("source", setting.source)
            }
          }
        }
      }
    }
  }

  /// `/admin/streams`.
  var streamsJSON: [UInt8] {
    let window = Double(figures.window(now: status.now).wholeMilliseconds) / 1_000
    return Self.json { json in
      json.member("window_seconds", window)
      json.member("streams") { json in
        json.array { json in
          for kind in StreamFigures.Kind.allCases {
            json.object { json in
              json.member("stream", kind.rawValue)
              json.member("clients", status.clientCount(of: kind))
              json.member("edges", interest.edges[kind] ?? 0)
              json.member(
                "events_per_second",
                figures.rate(of: kind, status.scores, status.counters.feed, now: status.now))
            }
          }
        }
      }
      json.member("topics", interest.topics)
      Self.write(StreamFigures.greatest(of: status.scores), "top_by_total", "total", to: &json)
      Self.write(figures.growth(of: status.scores), "top_by_growth", "growth", to: &json)
    }
  }

  private static func write(
    _ entries: [StreamFigures.Entry], _ name: String, _ countName: String, to json: inout JSONWriter
  ) {
    json.member(name) { json in
      json.array { json in
        for entry in entries {
          json.object { json in
            json.member("id", entry.id.description)
            json.member(countName, entry.count)
          }
        }
      }
    }
  }

  /// `/admin/ledger`: received messages, what became of them, and the place of each edge.
  var ledgerJSON: [UInt8] {
    let scores = status.scores
    return Self.json { json in
      json.member("lineage") { json in
        if let lineage = scores.lineage { json.value(lineage.description) } else { json.null() }
      }
      json.member("position", scores.position)
      json.member("standing", scores.standing.rawValue)
      json.member("increments", scores.increments)
      json.member("repaired", scores.ledger.repaired)
      json.member("unrepairable", scores.ledger.unrepairable)
      json.member("overcounted", scores.ledger.overcounted)
      json.member("corrections", scores.ledger.corrections)
      json.member("fences", scores.ledger.fences)
      json.member("residual", status.counters.feed.residual)
      json.member("balanced", status.isBalanced)
      json.member("missing", status.ledgerMissing)
      json.member("doubled", status.ledgerDoubled)
      json.member("frames_sent", status.counters.links.framesSent)
      json.member("skipped_raw", status.skipped.raw)
      json.member("skipped_topic_events", status.skipped.topicEvents)
      json.member("edges") { json in
        json.array { json in
          for edge in status.edges { writeLedger(of: edge, to: &json) }
        }
      }
    }
  }

  private func writeLedger(of edge: HubStatus.Edge, to json: inout JSONWriter) {
    func write(_ name: String, _ value: UInt64?, to json: inout JSONWriter) {
      json.member(name) { json in
        if let value { json.value(value) } else { json.null() }
      }
    }
    let report = edge.record.report
    json.object { json in
      json.member("node", edge.record.node.description)
      write("position", report?[.position], to: &json)
      write("behind", edge.record.behind, to: &json)
      for field in [
        ReportField.framesReceived, .gapsReceived, .eventsSent, .eventsSummed, .eventsSkipped, .probePosition,
        .ledgerReceived, .ledgerMissing, .ledgerDoubled,
      ] {
        write(field.word, report?[field], to: &json)
      }
      write("skipped_raw", edge.link?.skippedRaw, to: &json)
      write("skipped_topic_events", edge.link?.skippedTopicEvents, to: &json)
    }
  }
}

extension HubStatus {
  /// The number of clients of a stream on all connected edges, as they reported it.
  func clientCount(of kind: StreamFigures.Kind) -> UInt64 {
    let field: ReportField =
      switch kind {
      case .eps: .clientsEPS
      case .raw: .clientsRaw
      case .details: .clientsDetails
      case .allDetails: .clientsAllDetails
      case .interaction: .clientsInteraction
      }
    return edges.filter { $0.record.link != nil }.reduce(0) { sum, edge in
      sum.addingClamped(edge.record.report?[field] ?? 0)
    }
  }
}

extension Rebalance {
  /// `/admin/rebalance`.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("status", "OK")
      json.member("state", state.rawValue)
      json.member("rate", rate)
      json.member("released", released)
      if let progress {
        json.member("share", progress.share)
        json.member("away", progress.away)
        json.member("spread_percent", progress.spreadPercent)
        json.member("remaining", progress.remaining)
      }
      json.member("message", message)
    }
    return json.bytes
  }

  private var message: String {
    switch state {
    case .idle: "No rebalance was requested."
    case .active:
      "The fullest edges release up to \(rate) clients a second, or fewer where that would be a wave."
    case .even: "The clients are spread evenly."
    case .futile: "Given up: the released clients return to the same edges."
    case .ended: "It was stopped."
    }
  }
}
