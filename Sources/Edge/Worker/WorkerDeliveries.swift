import EdgeCore
import HTTP
import Primitives
import Reactor
import TLS
import Uring

/// What the deliveries of a worker need from it.
protocol DeliveryOwner: AnyObject {
  /// Writing to a client failed, because its connection is broken.
  func deliveryFailed(_ slot: Int32)
  /// There is something to write at the end of this turn.
  func deliveryIsDue()
}

/// What concerns each delivery alike, whatever its channels are. What happens in each tick is not among it: called like
/// this, a delivery is not specialized for its channels.
private protocol AnyDelivery: AnyObject {
  var limits: DeliveryLimits { get set }
  var behind: [(slot: Int32, since: Instant)] { get }
  func append(comment: [UInt8], at now: Instant)
  func tickChanged(to tick: Duration)
  func timerTriggered(at now: Instant)
  func timePassed(every interval: Duration, at now: Instant) -> [(slot: Int32, reason: CloseReason)]
}

extension Delivery: AnyDelivery {
  /// The clients that lag, and since when: see ``EdgeCore/DeliveryStream/behind``.
  fileprivate var behind: [(slot: Int32, since: Instant)] {
    streams.filter { $0.kind != .probe }.flatMap(\.behind)
  }
}

/// All deliveries of a worker, one for each kind of channel, and their timer.
final class WorkerDeliveries {
  let plain: Delivery<SendWriter>
  let secure: Delivery<OpenSSLWriter>
  /// That of TLS clients whose sessions were handed over, and the ciphers of all of them.
  let records: Delivery<RecordWriter>
  let ciphers = RecordCiphers()
  let http2: Delivery<HTTP2Writer>
  private let all: [any AnyDelivery]
  private let loop: EventLoop
  private unowned let owner: any DeliveryOwner
  private var timer: Deadline?

  /// - Parameter ring: nil if the kernel has none for this thread.
  init(
    _ limits: DeliveryLimits, ring: SendRing?, http2 group: HTTP2Group, loop: EventLoop,
    owner: any DeliveryOwner
  ) {
    plain = Delivery(by: SendWriter(ring), tick: Worker.tick, limits: limits)
    secure = Delivery(by: OpenSSLWriter(), tick: Worker.tick, limits: limits)
    records = Delivery(by: RecordWriter(ring), tick: Worker.tick, limits: limits)
    http2 = Delivery(by: HTTP2Writer(group), tick: Worker.tick, limits: limits)
    all = [plain, secure, records, http2]
    self.loop = loop
    self.owner = owner
    timer = Deadline(on: loop) { [weak self] in self?.timeHasCome() }
  }

  var now: Instant { loop.now }

  /// Applies limits that changed at run time.
  func configure(_ limits: DeliveryLimits) {
    for delivery in all { delivery.limits = limits }
  }

  /// Adds entries to their streams.
  ///
  /// - Parameter hubFlushedAt: when the hub flushed the oldest entry, if that is known.
  func append(_ updates: [StreamUpdate], hubFlushedAt: Instant?) {
    let now = loop.now
    plain.append(updates, hubFlushedAt: hubFlushedAt, at: now)
    secure.append(updates, hubFlushedAt: hubFlushedAt, at: now)
    records.append(updates, hubFlushedAt: hubFlushedAt, at: now)
    http2.append(updates, hubFlushedAt: hubFlushedAt, at: now)
    arm()
  }

  /// Adds a comment to all streams.
  func append(comment: [UInt8]) {
    for delivery in all { delivery.append(comment: comment, at: loop.now) }
    arm()
  }

  /// A hub announced its tick interval.
  func tickChanged(to tick: Duration) {
    for delivery in all { delivery.tickChanged(to: tick) }
  }

  private func timeHasCome() {
    for delivery in all { delivery.timerTriggered(at: loop.now) }
    arm()
  }

  /// Sees to it that streams are served which have become due, or will.
  func arm() {
    serveIfDue()
    setTimer()
  }

  private func setTimer() {
    // The next turn goes on with a flush at once, after what has arrived meanwhile.
    let isFlushing = plain.isFlushing || secure.isFlushing || records.isFlushing || http2.isFlushing
    timer?.set(
      isFlushing
        ? loop.now
        : .earliest(.earliest(plain.deadline, secure.deadline), .earliest(records.deadline, http2.deadline)))
  }

  /// Sees to it that streams are served which have become due.
  func serveIfDue() {
    if plain.isDue || secure.isDue || records.isDue || http2.isDue { owner.deliveryIsDue() }
  }

  /// Serves every stream that is due.
  func turnEnded() {
    end(plain)
    end(secure)
    end(records)
    end(http2)
    setTimer()
  }

  private func end(_ delivery: Delivery<some BatchWriter>) {
    guard delivery.isDue else { return }
    for slot in delivery.turnEnded(at: loop.now) { owner.deliveryFailed(slot) }
  }

  /// See ``EdgeCore/Delivery/timePassed(every:at:)``.
  func timePassed(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    let overdue = all.flatMap { $0.timePassed(every: interval, at: loop.now) }
    arm()
    return overdue
  }

  /// The clients that are farthest behind: a part of those that lag.
  func slowest(_ share: Double) -> [Int32] {
    Selection.slowest(share, of: all.flatMap(\.behind))
  }

  /// Adds what the deliveries have done and hold at present.
  func count(into counters: inout WorkerCounters) {
    count(plain, into: &counters, clients: \.plain)
    count(secure, into: &counters, clients: \.secure)
    count(records, into: &counters, clients: \.secure)
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
