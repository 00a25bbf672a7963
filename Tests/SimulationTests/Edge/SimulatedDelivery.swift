import EdgeCore
import Primitives

/// All streams of a worker: the loops of `Delivery`, with simulated sockets.
final class SimulatedDelivery {
  /// Smaller than an edge's, so that some answers exceed it.
  private static let copiedMaximum = 256
  private static let keepAlive = Duration.seconds(15)

  private unowned let worker: SimulatedWorker
  private let world: World
  private let options: EdgeOptions
  private var streams: DeliveryStreams<SimulatedSocket>
  private var turnIsScheduled = false
  private lazy var alarm = Alarm(on: world.scheduler) { [weak self] in self?.timeHasCome() }

  init(worker: SimulatedWorker) {
    self.worker = worker
    world = worker.world
    options = worker.edge.options
    streams = DeliveryStreams(tick: .milliseconds(17), framing: options.framing)
  }

  /// The number of clients in streams, or in front of one.
  var clientCount: Int { streams.all.reduce(0) { $0 + $1.clientCount } }

  func join(
    _ client: SimulatedSocket, as slot: Int32, _ kind: StreamKind, opening head: [UInt8],
    followedBy answer: SharedBytes?
  ) {
    let beginning = begin(client, with: head, followedBy: answer)
    let stream = streams.stream(
      for: kind, lagMaximum: options.lagMaximum, bufferMaximum: options.bufferMaximum, at: world.now)
    beginning.join(stream, as: slot, channel: client, at: world.now)
  }

  func admit(_ client: SimulatedSocket, as slot: Int32, _ kind: StreamKind, opening head: [UInt8]) {
    let beginning = begin(client, with: head, followedBy: nil)
    let anteroom = streams.anteroom(of: kind, lagMaximum: options.lagMaximum, at: world.now)
    beginning.join(anteroom, as: slot, channel: client, at: world.now)
  }

  private func begin(
    _ client: SimulatedSocket, with head: [UInt8], followedBy answer: SharedBytes?
  ) -> StreamBeginning {
    var beginning = StreamBeginning(head: head, answer: answer, copiedMaximum: Self.copiedMaximum)
    while let (bytes, start) = beginning.next { beginning.wrote(client.send(bytes, from: start)) }
    return beginning
  }

  func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8] { streams.release(slot, kind) }

  func becameWritable(_ slot: Int32, _ kind: StreamKind) {
    streams.becameWritable(slot, kind)
    arm()
  }

  func append(_ updates: [StreamUpdate]) {
    for update in updates { streams.append(update, hubFlushedAt: nil, at: world.now) }
    arm()
  }

  private func timeHasCome() {
    streams.timerTriggered(at: world.now)
    arm()
  }

  private func arm() {
    alarm.set(streams.deadline)
    guard streams.isScheduled, !turnIsScheduled else { return }
    turnIsScheduled = true
    world.scheduler.after(.zero) { [weak self] in self?.turnEnded() }
  }

  private func turnEnded() {
    turnIsScheduled = false
    for stream in streams.takeScheduled() {
      if let payload = stream.turnEnded(at: world.now) { flush(payload, to: stream) }
      while let write = stream.nextWrite() {
        stream.wrote(write.slot, count: write.channel.send(write.bytes, from: write.start), at: world.now)
      }
      stream.trim(at: world.now)
    }
  }

  private func flush(_ payload: [UInt8], to stream: DeliveryStream<SimulatedSocket>) {
    var short: [(slot: Int32, sent: Int)] = []
    for (slot, channel) in zip(stream.slots, stream.channels) {
      let sent = channel.send(payload, from: 0)
      if sent < payload.count { short.append((slot, sent)) }
    }
    for (slot, sent) in short { stream.fellBehind(slot, payload: payload, sent: sent, at: world.now) }
  }

  func sweep(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    let overdue = streams.timePassed(every: interval, keepAlive: Self.keepAlive, at: world.now)
    arm()
    worker.record.counters = streams.all.reduce(into: streams.retired) { $0.add($1.counters) }
    return overdue.sorted { $0.slot < $1.slot }
  }
}
