import EdgeCore
import HTTP
import Primitives
import Reactor

/// What the deliveries of a worker need from it.
protocol DeliveryOwner: AnyObject {
  /// Writing to a client failed, because its connection is broken.
  func deliveryFailed(_ slot: Int32)
  /// There is something to write at the end of this turn.
  func deliveryIsDue()
}

/// All deliveries of a worker, one for each kind of channel, and their timer.
final class WorkerDeliveries {
  let plain: Delivery<SendWriter>
  let secure: Delivery<OpenSSLWriter>
  let http2: Delivery<HTTP2Writer>
  private let loop: EventLoop
  private unowned let owner: any DeliveryOwner
  private var timer: Deadline?

  init(_ limits: DeliveryLimits, http2 group: HTTP2Group, loop: EventLoop, owner: any DeliveryOwner) {
    plain = Delivery(by: SendWriter(), tick: Worker.tick, limits: limits)
    secure = Delivery(by: OpenSSLWriter(), tick: Worker.tick, limits: limits)
    http2 = Delivery(by: HTTP2Writer(group), tick: Worker.tick, limits: limits)
    self.loop = loop
    self.owner = owner
    timer = Deadline(on: loop) { [weak self] in self?.timeHasCome() }
  }

  var now: Instant { loop.now }

  /// Applies limits that changed at run time.
  func configure(_ limits: DeliveryLimits) {
    plain.limits = limits
    secure.limits = limits
    http2.limits = limits
  }

  /// Adds entries to their streams.
  ///
  /// - Parameter hubFlushedAt: when the hub flushed the oldest entry, if that is known.
  func append(_ updates: [StreamUpdate], hubFlushedAt: Instant?) {
    plain.append(updates, hubFlushedAt: hubFlushedAt, at: loop.now)
    secure.append(updates, hubFlushedAt: hubFlushedAt, at: loop.now)
    http2.append(updates, hubFlushedAt: hubFlushedAt, at: loop.now)
    arm()
  }

  /// Adds a comment to all streams.
  func append(comment: [UInt8]) {
    plain.append(comment: comment, at: loop.now)
    secure.append(comment: comment, at: loop.now)
    http2.append(comment: comment, at: loop.now)
    arm()
  }

  /// A hub reported the interval of its flushes.
  func tickChanged(to tick: Duration) {
    plain.tickChanged(to: tick)
    secure.tickChanged(to: tick)
    http2.tickChanged(to: tick)
  }

  private func timeHasCome() {
    plain.timerTriggered(at: loop.now)
    secure.timerTriggered(at: loop.now)
    http2.timerTriggered(at: loop.now)
    arm()
  }

  /// Sees to it that streams are served which have become due, or will.
  func arm() {
    serveIfDue()
    timer?.set(.earliest(.earliest(plain.deadline, secure.deadline), http2.deadline))
  }

  /// Sees to it that streams are served which have become due.
  func serveIfDue() {
    if plain.isDue || secure.isDue || http2.isDue { owner.deliveryIsDue() }
  }

  /// Serves every stream that is due.
  func turnEnded() {
    let broken =
      plain.turnEnded(at: loop.now) + secure.turnEnded(at: loop.now) + http2.turnEnded(at: loop.now)
    for slot in broken { owner.deliveryFailed(slot) }
  }

  /// See ``EdgeCore/Delivery/timePassed(every:at:)``.
  func timePassed(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    let overdue =
      plain.timePassed(every: interval, at: loop.now) + secure.timePassed(every: interval, at: loop.now)
      + http2.timePassed(every: interval, at: loop.now)
    arm()
    return overdue
  }

  /// Adds what the deliveries have done and hold at present.
  func count(into counters: inout WorkerCounters) {
    count(plain, into: &counters, clients: \.plain)
    count(secure, into: &counters, clients: \.secure)
    count(http2, into: &counters, clients: \.http2Streams)
  }

  private func count(
    _ delivery: Delivery<some BatchWriter>, into counters: inout WorkerCounters,
    clients: WritableKeyPath<WorkerCounters, StreamClients>
  ) {
    counters.bytesSent += delivery.bytesSent
    counters.times.add(delivery.times)
    counters.delivery.add(delivery.retired)
    for stream in delivery.streams where stream.kind != .probe {
      counters[keyPath: clients].count(UInt64(stream.clientCount), of: stream.kind)
      counters.laggards += UInt64(stream.laggardCount)
      counters.delivery.add(stream.counters)
    }
    for governor in delivery.governors {
      counters.governorLevel = max(counters.governorLevel, UInt64(governor.level))
      counters.governorSteps += governor.stepsDown
    }
  }
}
