import HTTP
import Primitives
import Wire

// Whether every counted increment arrived exactly once: at the hub by its fences, and at each edge by its probe.
extension HubStatus {
  /// The number of increments that the probes of the known edges should have received and did not.
  package var ledgerMissing: UInt64 { sum(of: .ledgerMissing) }

  /// The number of increments that these probes received and should not have.
  package var ledgerDoubled: UInt64 { sum(of: .ledgerDoubled) }

  /// Whether nothing is missing, nothing arrived twice, and each message from Redis was packed or rejected.
  /// Increments that were lost on the way and repaired by a fence do not count as missing.
  package var isBalanced: Bool { ledgerMissing == 0 && ledgerDoubled == 0 && counters.feed.residual == 0 }

  private func sum(of field: ReportField) -> UInt64 {
    edges.reduce(0) { $0.addingClamped($1.record.report?[field] ?? 0) }
  }

  func writeLedger(to json: inout JSONWriter) {
    json.object { json in
      json.member("balanced", isBalanced)
      json.member("missing", ledgerMissing)
      json.member("repaired", scores.ledger.repaired)
      json.member("doubled", ledgerDoubled)
    }
  }

  func writeLedger(to text: inout MetricsText) {
    text.family(
      "emojitrack_hub_ledger_balanced", .gauge, help: "1 if no increment is missing and none came twice.")
    text.sample(isBalanced ? 1 : 0)
    text.family(
      "emojitrack_hub_ledger_missing", .gauge, help: "Increments that the edges' probes did not receive.")
    text.sample(ledgerMissing)
    text.family(
      "emojitrack_hub_ledger_repaired", .gauge,
      help: "Lost increments that fences found and clients then received.")
    text.sample(scores.ledger.repaired)
    text.family(
      "emojitrack_hub_ledger_doubled", .gauge, help: "Increments that the edges' probes received too often.")
    text.sample(ledgerDoubled)
  }
}
