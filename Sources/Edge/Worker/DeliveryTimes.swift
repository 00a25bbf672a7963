import EdgeCore
import Primitives

/// How long delivery takes. Counted once for each flush, so that it costs nothing for each client.
struct DeliveryTimes: Sendable {
  /// From the hub's flush to the sockets, once for each client of raw and of eps in step: up to when the last of them was
  /// written to, and by the clocks of both machines. Who asks for a lower rate asks to wait, and is left out.
  var latencyRaw = DurationHistogram()
  var latencyEPS = DurationHistogram()
  /// How long it took to write one flush to all clients of a stream that are in step.
  var flush = DurationHistogram()

  /// A flush was written.
  ///
  /// - Parameters:
  ///   - clients: how many took it whole.
  ///   - hubFlushedAt: when the hub flushed the oldest of it, if it was told.
  mutating func flushed(
    _ kind: StreamKind, to clients: Int, from start: Instant, to end: Instant, hubFlushedAt: Instant?
  ) {
    flush.record(start.duration(to: end))
    guard let hubFlushedAt, clients > 0 else { return }
    let latency = hubFlushedAt.duration(to: end)
    switch kind {
    case .raw, .identifiedRaw: latencyRaw.record(latency, times: UInt64(clients))
    case .eps(.full), .identifiedEPS(.full): latencyEPS.record(latency, times: UInt64(clients))
    default: break
    }
  }

  mutating func add(_ other: DeliveryTimes) {
    latencyRaw.add(other.latencyRaw)
    latencyEPS.add(other.latencyEPS)
    flush.add(other.flush)
  }
}
