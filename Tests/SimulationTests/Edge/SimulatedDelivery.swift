import EdgeCore
import Primitives

/// The delivery of a worker over simulated sockets, and its timer.
final class SimulatedDelivery {
  private unowned let worker: SimulatedWorker
  private let world: World
  private let options: EdgeOptions
  private let delivery: Delivery<SimulatedWriter>
  private var turnIsScheduled = false
  private lazy var alarm = Alarm(on: world.scheduler) { [weak self] in
    guard let self else { return }
    delivery.timerTriggered(at: world.now)
    arm()
  }

  init(worker: SimulatedWorker) {
    self.worker = worker
    world = worker.world
    options = worker.edge.options
    delivery = Delivery(
      by: SimulatedWriter(world: worker.world, group: worker.http2), tick: .milliseconds(17),
      limits: DeliveryLimits(
        // Fewer bytes are copied than by an edge, so that some answers exceed them.
        lagMaximum: options.lagMaximum, keepAlive: .seconds(15), copiedMaximum: 256,
        bufferMaximum: options.bufferMaximum),
      // So few that most flushes take several turns.
      sliceMaximum: 3)
  }

  /// The number of clients in streams, or in front of one.
  var clientCount: Int { delivery.streams.reduce(0) { $0 + $1.clientCount } }

  func join(
    _ channel: SimulatedChannel, as slot: Int32, _ subscriber: Subscriber, opening head: [UInt8],
    followedBy answer: SharedBytes?
  ) {
    _ = delivery.join(
      slot, subscriber.stream, subscriber.framing, over: channel, opening: head, followedBy: answer,
      at: world.now)
  }

  func admit(
    _ channel: SimulatedChannel, as slot: Int32, _ subscriber: Subscriber, opening head: [UInt8]
  ) {
    _ = delivery.admit(
      slot, subscriber.stream, subscriber.framing, over: channel, opening: head, at: world.now)
  }

  func release(_ slot: Int32, _ subscriber: Subscriber) -> [UInt8] {
    delivery.release(slot, subscriber.stream, subscriber.framing)
  }

  func becameWritable(_ slot: Int32, _ subscriber: Subscriber) {
    delivery.becameWritable(slot, subscriber.stream, subscriber.framing)
    arm()
  }

  func append(_ updates: [StreamUpdate]) {
    delivery.append(updates, hubFlushedAt: nil, at: world.now)
    arm()
  }

  private func arm() {
    alarm.set(delivery.deadline)
    guard delivery.isDue, !turnIsScheduled else { return }
    turnIsScheduled = true
    world.scheduler.after(delivery.isFlushing ? .milliseconds(1) : .zero) { [weak self] in
      guard let self else { return }
      turnIsScheduled = false
      for slot in delivery.turnEnded(at: world.now) { worker.deliveryFailed(slot) }
      arm()
    }
  }

  func sweep(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    let overdue = delivery.timePassed(every: interval, at: world.now)
    arm()
    worker.record.counters = delivery.streams.reduce(into: delivery.retired) { $0.add($1.counters) }
    return overdue.sorted { $0.slot < $1.slot }
  }
}

/// Writes to simulated sockets, and to streams of HTTP/2 as `HTTP2Writer` does.
private struct SimulatedWriter: BatchWriter {
  let world: World
  let group: HTTP2Group
  private var results: [BatchResult] = []

  init(world: World, group: HTTP2Group) {
    self.world = world
    self.group = group
  }

  mutating func write(_ bytes: [UInt8], toEach channels: ArraySlice<SimulatedChannel>) {
    var result = BatchResult(startedAt: world.now)
    for (index, channel) in channels.enumerated() {
      let outcome = channel.write(bytes, from: 0)
      if outcome != .accepted(bytes.count) { result.short.append((index, outcome)) }
    }
    results.append(result)
  }

  mutating func finish() -> [BatchResult] {
    group.flush()
    return results.takeAll()
  }

  func write(_ bytes: [UInt8], from start: Int, to channel: SimulatedChannel) -> WriteOutcome {
    channel.write(bytes, from: start)
  }
}
