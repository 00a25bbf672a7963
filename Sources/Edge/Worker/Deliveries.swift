import EdgeCore
import HTTP
import Primitives
import Reactor

/// The deliveries to the clients of one kind of channel, one for each framing: only identical bytes are rendered once
/// and sent to all.
struct Deliveries<Channel: DeliveryChannel> {
  private let chunked: Delivery<Channel>
  private let untilClose: Delivery<Channel>

  init(_ configuration: Worker.Configuration, loop: EventLoop, owner: any DeliveryOwner) {
    chunked = Delivery(.chunked, configuration, loop: loop, owner: owner)
    untilClose = Delivery(.untilClose, configuration, loop: loop, owner: owner)
  }

  /// The delivery to the clients with this framing.
  subscript(framing: BodyFraming) -> Delivery<Channel> {
    switch framing {
    case .chunked: chunked
    case .untilClose: untilClose
    }
  }

  /// The deliveries of all framings.
  var all: [Delivery<Channel>] { [chunked, untilClose] }

  /// Adds entries to their streams.
  func append(_ updates: [StreamUpdate], hubFlushedAt: Instant?) {
    for delivery in all { delivery.append(updates, hubFlushedAt: hubFlushedAt) }
  }

  /// A hub reported the interval of its flushes.
  func tickChanged(to tick: Duration) {
    for delivery in all { delivery.tickChanged(to: tick) }
  }

  /// Adds a comment to all streams.
  func append(comment: [UInt8]) {
    for delivery in all { delivery.append(comment: comment) }
  }

  /// Serves every stream that is due.
  func turnEnded() {
    for delivery in all { delivery.turnEnded() }
  }

  /// See ``Delivery/sweep(every:)``.
  func sweep(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    all.flatMap { $0.sweep(every: interval) }
  }

  /// See ``Delivery/count(into:clients:)``.
  func count(into counters: inout WorkerCounters, clients: WritableKeyPath<WorkerCounters, StreamClients>) {
    for delivery in all { delivery.count(into: &counters, clients: clients) }
  }
}
