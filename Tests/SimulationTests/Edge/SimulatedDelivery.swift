import EdgeCore
import HTTP
import Primitives

/// All streams of a worker: what `Delivery` does, with simulated sockets.
final class SimulatedDelivery {
  private typealias Stream = DeliveryStream<SimulatedSocket>

  /// Smaller than an edge's, so that answers go beyond it.
  private static let copiedMaximum = 256
  private static let keepAlive = Duration.seconds(15)

  private unowned let worker: SimulatedWorker
  private let world: World
  private let options: EdgeOptions
  private var streams: [Stream] = []
  private var scheduled: [Stream] = []
  private var waiting: [Stream] = []
  private var turnIsScheduled = false
  private lazy var alarm = Alarm(on: world.scheduler) { [weak self] in self?.timeHasCome() }

  init(worker: SimulatedWorker) {
    self.worker = worker
    world = worker.world
    options = worker.edge.options
  }

  // MARK: Clients

  func join(
    _ client: SimulatedSocket, _ kind: StreamKind, opening head: [UInt8], followedBy answer: SharedBytes?
  ) {
    let stream = stream(of: kind) ?? makeStream(kind)
    let rest = answer?.bytes ?? []
    let start = min(rest.count, Self.copiedMaximum)
    let first = head + rest[..<start]
    let sent = client.send(first, from: 0)
    let following = start < rest.count ? answer : nil
    guard sent == first.count else {
      return stream.joinLagging(
        client.slot, channel: client, pending: first, sent: sent, following: following, from: start,
        at: world.now)
    }
    let end = following == nil ? start : start + client.send(rest, from: start)
    if end == rest.count {
      stream.join(client.slot, channel: client, at: world.now)
    } else {
      stream.joinLagging(
        client.slot, channel: client, pending: [], sent: 0, following: following, from: end, at: world.now)
    }
  }

  private func stream(of kind: StreamKind) -> Stream? { streams.first { $0.kind == kind } }

  private func makeStream(_ kind: StreamKind) -> Stream {
    let stream = Stream(
      kind: kind, lagMaximum: options.lagMaximum, bufferMaximum: options.bufferMaximum, now: world.now,
      renderSum: UpdateRenderer.renderSum(_:id:))
    streams.append(stream)
    return stream
  }

  func leave(_ slot: Int32, _ kind: StreamKind) {
    stream(of: kind)?.leave(slot)
  }

  func becameWritable(_ slot: Int32, _ kind: StreamKind) {
    guard let stream = stream(of: kind), stream.becameWritable(slot) else { return }
    schedule(stream)
  }

  // MARK: Entries

  func append(_ update: StreamUpdate) {
    for stream in streams where takes(stream.kind, update.kind) { append(update.entry, to: stream) }
  }

  private func takes(_ kind: StreamKind, _ updateKind: StreamKind) -> Bool {
    updateKind.rate == nil
      ? kind == updateKind : kind.rate != nil && kind.isIdentified == updateKind.isIdentified
  }

  private func append(_ entry: StreamEntry, to stream: Stream) {
    stream.append(entry, at: world.now)
    if stream.isDue(at: world.now) { schedule(stream) } else { wait(stream) }
  }

  private func schedule(_ stream: Stream) {
    guard !stream.isScheduled else { return }
    stream.isScheduled = true
    scheduled.append(stream)
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    world.scheduler.after(.zero) { [weak self] in self?.turnEnded() }
  }

  private func wait(_ stream: Stream) {
    guard !stream.isScheduled else { return }
    if !waiting.contains(where: { $0 === stream }) { waiting.append(stream) }
    alarm.set(waiting.lazy.map(\.nextFlushAt).min())
  }

  private func timeHasCome() {
    let due = waiting.filter { $0.isDue(at: world.now) }
    waiting.removeAll { stream in due.contains { $0 === stream } || stream.isFlushed }
    for stream in due { schedule(stream) }
    alarm.set(waiting.lazy.map(\.nextFlushAt).min())
  }

  // MARK: The end of a turn

  private func turnEnded() {
    turnIsScheduled = false
    let streams = scheduled
    scheduled = []
    for stream in streams {
      stream.isScheduled = false
      if stream.isDue(at: world.now), let payload = stream.takeFlush(at: world.now) {
        flush(payload, to: stream)
      }
      while let write = stream.nextWrite() {
        stream.wrote(write.slot, count: write.channel.send(write.bytes, from: write.start), at: world.now)
      }
      stream.trim(at: world.now)
    }
  }

  private func flush(_ payload: [UInt8], to stream: Stream) {
    var short: [(slot: Int32, sent: Int)] = []
    for (slot, channel) in zip(stream.slots, stream.channels) {
      let sent = channel.send(payload, from: 0)
      if sent < payload.count { short.append((slot, sent)) }
    }
    for (slot, sent) in short { stream.fellBehind(slot, payload: payload, sent: sent, at: world.now) }
  }

  // MARK: Time

  func sweep(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    var overdue: [(slot: Int32, reason: CloseReason)] = []
    for stream in streams {
      if stream.clientCount == 0 {
        streams.removeAll { $0 === stream }
        waiting.removeAll { $0 === stream }
        worker.record.retire(stream.counters)
        continue
      }
      if stream.lastEntryAt.advanced(by: Self.keepAlive - interval) <= world.now {
        append(StreamEntry(bytes: EventStream.comment, eventCount: 0), to: stream)
      }
      overdue += stream.overdue(at: world.now)
    }
    worker.record.present = streams.reduce(into: DeliveryCounters()) { $0.add($1.counters) }
    return overdue.sorted { $0.slot < $1.slot }
  }
}
