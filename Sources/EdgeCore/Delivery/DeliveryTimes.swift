import Primitives

/// The times of delivery. They are counted once for each slice of a flush, so they cost nothing for each client.
package struct DeliveryTimes: Sendable {
  /// From the hub's flush until the last client of the slice was written to, by the clocks of both machines; counted for
  /// each client of raw and of eps in step. Clients with a lower rate asked to wait, and are not counted.
  package var latencyRaw = DurationHistogram()
  /// See ``latencyRaw``.
  package var latencyEPS = DurationHistogram()
  /// The time to write one flush to all clients in step of a stream.
  package var flush = DurationHistogram()

  /// Nothing has been delivered.
  package init() {}

  /// A flush was written to all clients.
  mutating func flushed(in duration: Duration) { flush.record(duration) }

  /// A slice of a flush was written.
  ///
  /// - Parameters:
  ///   - clients: the number of clients that took the whole payload.
  ///   - hubFlushedAt: when the hub flushed its oldest entry, if that is known.
  mutating func reached(_ clients: Int, of kind: StreamKind, at end: Instant, hubFlushedAt: Instant?) {
    guard let hubFlushedAt, clients > 0 else { return }
    let latency = hubFlushedAt.duration(to: end)
    switch kind {
    case .raw, .identifiedRaw: latencyRaw.record(latency, times: UInt64(clients))
    case .eps(.full), .identifiedEPS(.full): latencyEPS.record(latency, times: UInt64(clients))
    default: break
    }
  }

  /// Adds the times of another delivery.
  package mutating func add(_ other: DeliveryTimes) {
    latencyRaw.add(other.latencyRaw)
    latencyEPS.add(other.latencyEPS)
    flush.add(other.flush)
  }
}
