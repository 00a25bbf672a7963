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
      by: SimulatedWriter(world: worker.world), tick: .milliseconds(17),
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
    _ client: SimulatedSocket, as slot: Int32, _ kind: StreamKind, opening head: [UInt8],
    followedBy answer: SharedBytes?
  ) {
    _ = delivery.join(
      slot, kind, options.framing, over: client, opening: head, followedBy: answer, at: world.now)
  }

  func admit(_ client: SimulatedSocket, as slot: Int32, _ kind: StreamKind, opening head: [UInt8]) {
    _ = delivery.admit(slot, kind, options.framing, over: client, opening: head, at: world.now)
  }

  func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8] {
    delivery.release(slot, kind, options.framing)
  }

  func becameWritable(_ slot: Int32, _ kind: StreamKind) {
    delivery.becameWritable(slot, kind, options.framing)
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
      _ = delivery.turnEnded(at: world.now)
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

/// Writes to simulated sockets.
private struct SimulatedWriter: BatchWriter {
  let world: World
  private var results: [BatchResult] = []

  init(world: World) { self.world = world }

  mutating func write(_ bytes: [UInt8], toEach sockets: ArraySlice<SimulatedSocket>) {
    var result = BatchResult(startedAt: world.now)
    for (index, socket) in sockets.enumerated() {
      let sent = socket.send(bytes, from: 0)
      if sent < bytes.count { result.short.append((index, .accepted(sent))) }
    }
    results.append(result)
  }

  mutating func finish() -> [BatchResult] { results.takeAll() }

  func write(_ bytes: [UInt8], from start: Int, to socket: SimulatedSocket) -> WriteOutcome {
    .accepted(socket.send(bytes, from: start))
  }
}
