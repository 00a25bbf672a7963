import EdgeCore
import Primitives
import Reactor
import TLS

/// All deliveries of a worker, for both kinds of channel.
struct WorkerDeliveries {
  let plain: Deliveries<Int32>
  let secure: Deliveries<TLSSession>

  init(_ configuration: Worker.Configuration, loop: EventLoop, owner: any DeliveryOwner) {
    plain = Deliveries(configuration, loop: loop, owner: owner)
    secure = Deliveries(configuration, loop: loop, owner: owner)
  }

  /// Applies settings that changed at run time.
  func configure(_ configuration: Worker.Configuration) {
    for delivery in plain.all { delivery.configuration = configuration }
    for delivery in secure.all { delivery.configuration = configuration }
  }

  /// Adds entries to their streams.
  func append(_ updates: [StreamUpdate], hubFlushedAt: Instant?) {
    plain.append(updates, hubFlushedAt: hubFlushedAt)
    secure.append(updates, hubFlushedAt: hubFlushedAt)
  }

  /// Adds a comment to all streams.
  func append(comment: [UInt8]) {
    plain.append(comment: comment)
    secure.append(comment: comment)
  }

  /// A hub reported the interval of its flushes.
  func tickChanged(to tick: Duration) {
    plain.tickChanged(to: tick)
    secure.tickChanged(to: tick)
  }

  /// Serves every stream that is due.
  func turnEnded() {
    plain.turnEnded()
    secure.turnEnded()
  }

  /// See ``Delivery/sweep(every:)``.
  func sweep(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    plain.sweep(every: interval) + secure.sweep(every: interval)
  }

  /// See ``Delivery/count(into:clients:)``.
  func count(into counters: inout WorkerCounters) {
    plain.count(into: &counters, clients: \.plain)
    secure.count(into: &counters, clients: \.secure)
  }
}
