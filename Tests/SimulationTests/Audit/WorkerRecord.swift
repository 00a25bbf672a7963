import EdgeCore
import Primitives

/// What a worker was given for its clients, to compare with what they receive.
final class WorkerRecord {
  /// The growth of each id.
  private(set) var told: [ScoreID: UInt64] = [:]
  /// The events of streams without sums, as text.
  private(set) var items: [StreamKind: [String]] = [:]
  var counters = DeliveryCounters()
  /// How many events clients of this worker miss.
  var missing: UInt64 = 0

  func append(_ update: StreamUpdate) {
    if update.kind.isIdentified { return }
    for entry in update.entry.growth { told[entry.id, default: 0] += entry.amount }
    if case .eps = update.kind { return }
    var reader = EventReader(hasHead: false)
    items[update.kind, default: []] += reader.append(update.entry.bytes).map(\.data)
  }
}
