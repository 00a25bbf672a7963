import HTTP
import Primitives
import Wire

extension HubStatus {
  /// `/admin/status.json`: the hub and its edges. `node`, `status` and `reported_at` (in seconds since 1970) are
  /// names of the predecessors. An edge's reported figures are under `report`, with the snake-case names of
  /// `ReportField`.
  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("node", terms.node.description)
      json.member("status", health.rawValue)
      json.member("reported_at", unixSeconds)
      json.member("version", terms.softwareVersion.description)
      json.member("uptime_seconds", uptimeSeconds)
      json.member("redis") { json in
        json.object { json in
          json.member("state", feed.isLive ? "live" : "interrupted")
          json.member("detail", feed.detail)
          if let reason = feed.unanchored { json.member("unanchored", reason.word) }
          json.member("interruptions", counters.feed.feedInterruptions)
          json.member("refused") { json in
            json.object { json in
              for feature in FeedFeature.allCases {
                guard let refusal = feed.refusals[feature] else { continue }
                json.member(feature.rawValue, refusal.description)
              }
            }
          }
        }
      }
      json.member("scores", writeScores)
      json.member("messages", writeMessages)
      json.member("queries", writeQueries)
      json.member("ledger", writeLedger)
      json.member("edges") { json in
        json.array { json in
          for edge in edges { write(edge, to: &json) }
        }
      }
    }
    return json.bytes
  }

  private func writeScores(to json: inout JSONWriter) {
    json.object { json in
      json.member("lineage") { json in
        if let lineage = scores.lineage { json.value(lineage.description) } else { json.null() }
      }
      json.member("position", scores.position)
      json.member("standing", scores.standing.rawValue)
      json.member("anchored", scores.standing == .anchored)
      json.member("tracked_ids", scores.trackedCount)
      json.member("remembered_increments", scores.rememberedIncrements)
      json.member("repaired", scores.ledger.repaired)
      json.member("unrepairable", scores.ledger.unrepairable)
      json.member("fences", writeFences)
    }
  }

  private func writeFences(to json: inout JSONWriter) {
    let ledger = scores.ledger
    json.object { json in
      json.member("total", ledger.fences)
      json.member("lineages_begun", ledger.lineagesBegun)
      json.member("repaired_at_reconnect", ledger.repairedAtReconnect)
      json.member("repaired_while_connected", ledger.repairedWhileConnected)
      json.member("overcounted", ledger.overcounted)
      json.member("corrections", ledger.corrections)
      json.member("drifts_explained", ledger.driftsExplained)
      json.member("feeder_atomic", scores.isFeederAtomic)
    }
  }

  private func writeMessages(to json: inout JSONWriter) {
    json.object { json in
      json.member("received", counters.feed.messagesReceived)
      json.member("packed") { json in
        json.object { json in
          for kind in FeedCounters.MessageKind.allCases {
            json.member(kind.rawValue, counters.feed.messagesPacked[kind] ?? 0)
          }
        }
      }
      json.member("rejected") { json in
        json.object { json in
          for (reason, count) in counters.feed.messagesRejected.sorted(by: { $0.key < $1.key }) {
            json.member(reason, count)
          }
        }
      }
      json.member("residual", counters.feed.residual)
    }
  }

  private func writeQueries(to json: inout JSONWriter) {
    json.object { json in
      for kind in LinkCounters.QueryKind.allCases {
        json.member(kind.rawValue) { json in
          json.object { json in
            for outcome in QueryOutcome.allCases {
              json.member("\(outcome)", counters.links.queriesAnswered[kind]?[outcome] ?? 0)
            }
          }
        }
      }
    }
  }

  /// One edge.
  func write(_ edge: Edge, to json: inout JSONWriter) {
    let record = edge.record
    json.object { json in
      json.member("node", record.node.description)
      json.member("state", record.state.rawValue)
      json.member("since", unixSeconds(of: record.since))
      json.member("address", record.address)
      json.member("version", record.softwareVersion.description)
      if let end = record.end { json.member("end", end.rawValue) }
      if let link = edge.link {
        json.member("flow", link.flow.rawValue)
        json.member("topics", edge.topicCount)
        json.member("backlog_bytes", link.backlog)
        json.member("round_trip_microseconds") { json in
          if let roundTrip = link.roundTrip {
            json.value(roundTrip.wholeNanoseconds / 1_000)
          } else {
            json.null()
          }
        }
        json.member("skipped_raw", link.skippedRaw)
        json.member("skipped_topic_events", link.skippedTopicEvents)
      }
      if let reportedAt = record.reportedAt, let report = record.report {
        json.member("reported_at", unixSeconds(of: reportedAt))
        if let behind = record.behind { json.member("behind", behind) }
        json.member("report") { json in
          json.object { json in
            for (field, value) in report.fields { json.member(field.word, value) }
          }
        }
        json.member("delivery_latency") { Self.write(report[.deliveryLatency], to: &$0) }
        json.member("lag") { Self.write(report[.lag], to: &$0) }
      }
    }
  }

  /// A histogram with the buckets of `/metrics`, but each one counted by itself and not cumulatively.
  private static func write(_ histogram: DurationHistogram, to json: inout JSONWriter) {
    json.object { json in
      json.member("buckets") { json in
        json.array { json in for count in histogram.counts { json.value(count) } }
      }
      json.member("sum_microseconds", histogram.sumMicroseconds)
    }
  }

  private func unixSeconds(of moment: Instant) -> Int64 {
    unixSeconds - moment.duration(to: now).components.seconds
  }
}

extension ReportField {
  private static let words = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, snakeCase("\($0)")) })

  /// The field's name in JSON: that of the case, in snake case.
  var word: String { Self.words[self] ?? "" }

  /// `clientsEPS` becomes `clients_eps`.
  private static func snakeCase(_ name: String) -> String {
    var result = ""
    var isUpper = true
    for character in name {
      if character.isUppercase, !isUpper { result.append("_") }
      isUpper = character.isUppercase
      result += character.lowercased()
    }
    return result
  }
}
