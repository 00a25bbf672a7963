import EdgeCore
import HTTP
import Primitives
import Reactor

/// How a client that streams is reached.
protocol DeliveryChannel {
  /// Writes what fits of the bytes from an index on.
  func send(_ bytes: [UInt8], from index: Int) -> TransferResult
  /// Writes the same bytes to each, and tells of those that did not take them whole.
  static func send(_ bytes: [UInt8], toEach channels: [Self], onShort: (Int, TransferResult) -> Void)
}

/// A plain client is reached by its socket.
extension Int32: DeliveryChannel {
  func send(_ bytes: [UInt8], from index: Int) -> TransferResult { Socket.send(self, bytes, from: index) }

  static func send(_ bytes: [UInt8], toEach channels: [Int32], onShort: (Int, TransferResult) -> Void) {
    Socket.send(bytes, toEach: channels, onShort: onShort)
  }
}

/// The limits of what streams begin with.
enum OpeningBytes {
  /// So much of it goes out in the same write as the head, and is copied for each client; more is shared by all.
  static let copiedMaximum = 4 * 1024
  /// So much of what is shared may be alive at a time.
  static let sharedMaximum = 64 << 20
}

/// What delivery asks of its worker.
protocol DeliveryOwner: AnyObject {
  /// A client's connection broke while it was written to.
  func deliveryFailed(_ slot: Int32)
  /// Something is to be done at the end of this turn.
  func deliveryIsDue()
}

/// The delivery of all streams to the clients of one kind of channel: what an edge does all day.
///
/// A turn only appends to the streams' logs. Its end takes what is new of each stream that is due, and writes it to every
/// client in step: one system call for each, and nothing else. Then those that lag and have room get theirs.
final class Delivery<Channel: DeliveryChannel> {
  private let loop: EventLoop
  var configuration: Worker.Configuration
  private unowned let owner: any DeliveryOwner
  private var timer: Deadline?
  private var streams: [StreamKind: DeliveryStream<Channel>] = [:]
  /// The streams that are looked after at the end of this turn.
  private var scheduled: [DeliveryStream<Channel>] = []
  /// The streams that wait for their time.
  private var waiting: [DeliveryStream<Channel>] = []
  private var governor: RateGovernor
  /// What streams that are gone delivered.
  private var retired = DeliveryCounters()

  /// When the hub flushed what is being appended, if it is known.
  var hubFlushedAt: Instant?
  private var times = DeliveryTimes()

  /// How many bytes clients' sockets took.
  private(set) var bytesSent: UInt64 = 0

  init(_ configuration: Worker.Configuration, loop: EventLoop, owner: any DeliveryOwner) {
    self.configuration = configuration
    self.loop = loop
    self.owner = owner
    governor = RateGovernor(tick: Worker.tick)
    timer = Deadline(on: loop) { [weak self] in self?.timeHasCome() }
  }

  // MARK: Clients

  /// Adds a client and sends it its first bytes; it gets every entry that comes from now on.
  ///
  /// - Parameters:
  ///   - head: the head of its response.
  ///   - answer: what follows that.
  /// - Returns: false if its connection is broken.
  func join(
    _ slot: Int32, _ kind: StreamKind, channel: Channel, opening head: [UInt8],
    followedBy answer: SharedBytes? = nil
  ) -> Bool {
    let stream = stream(for: kind)
    let rest = answer?.bytes ?? []
    let start = min(rest.count, OpeningBytes.copiedMaximum)
    let first = start == 0 ? head : head + rest[..<start]
    guard let sent = send(first, from: 0, to: channel) else { return false }
    let following = start < rest.count ? answer : nil
    var isWhole = sent == first.count
    if isWhole, following != nil {
      guard let more = send(rest, from: start, to: channel) else { return false }
      isWhole = start + more == rest.count
      if !isWhole {
        stream.joinLagging(
          slot, channel: channel, pending: [], sent: 0, following: following, from: start + more, at: loop.now
        )
        return true
      }
    }
    if isWhole {
      stream.join(slot, channel: channel, at: loop.now)
    } else {
      stream.joinLagging(
        slot, channel: channel, pending: first, sent: sent, following: following, from: start, at: loop.now)
    }
    return true
  }

  /// Writes until nothing more fits.
  ///
  /// - Returns: how many bytes were taken; nil if the connection is broken.
  private func send(_ bytes: [UInt8], from start: Int, to channel: Channel) -> Int? {
    let result = channel.send(bytes, from: start)
    if case .failed = result { return nil }
    bytesSent += UInt64(result.count)
    return result.count
  }

  private func stream(for kind: StreamKind) -> DeliveryStream<Channel> {
    if let stream = streams[kind] { return stream }
    let stream = DeliveryStream<Channel>(
      kind: kind, lagMaximum: configuration.lagMaximum, bufferMaximum: configuration.bufferMaximum(of: kind),
      now: loop.now, renderSum: UpdateRenderer.renderSum)
    stream.interval = max(stream.interval, governed(kind))
    streams[kind] = stream
    return stream
  }

  /// Takes a client out.
  ///
  /// - Returns: the rest of what it was cut in, which comes first if it is to be told something more.
  func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8] {
    streams[kind]?.release(slot) ?? []
  }

  /// The socket of a client has room again.
  func becameWritable(_ slot: Int32, _ kind: StreamKind) {
    guard let stream = streams[kind], stream.becameWritable(slot) else { return }
    schedule(stream)
  }

  // MARK: Entries

  /// Adds an entry to its stream; one of `eps` goes to the streams of all rates.
  func append(_ update: StreamUpdate) {
    guard update.kind.rate != nil else {
      if let stream = streams[update.kind] { append(update.entry, to: stream) }
      return
    }
    for stream in streams.values
    where stream.kind.rate != nil && stream.kind.isIdentified == update.kind.isIdentified {
      append(update.entry, to: stream)
    }
  }

  /// Adds a comment to all streams.
  func append(comment: [UInt8]) {
    for stream in streams.values { append(StreamEntry(bytes: comment, eventCount: 0), to: stream) }
  }

  private func append(_ entry: StreamEntry, to stream: DeliveryStream<Channel>) {
    if stream.isFlushed { stream.hubFlushedAt = hubFlushedAt }
    stream.append(entry, at: loop.now)
    if stream.isDue(at: loop.now) { schedule(stream) } else { wait(stream) }
  }

  private func schedule(_ stream: DeliveryStream<Channel>) {
    guard !stream.isScheduled else { return }
    stream.isScheduled = true
    if scheduled.isEmpty { owner.deliveryIsDue() }
    scheduled.append(stream)
  }

  private func wait(_ stream: DeliveryStream<Channel>) {
    guard !stream.isScheduled else { return }
    if !waiting.contains(where: { $0 === stream }) { waiting.append(stream) }
    timer?.set(waiting.lazy.map(\.nextFlushAt).min())
  }

  private func timeHasCome() {
    let due = waiting.filter { $0.isDue(at: loop.now) }
    waiting.removeAll { stream in due.contains { $0 === stream } || stream.isFlushed }
    for stream in due { schedule(stream) }
    timer?.set(waiting.lazy.map(\.nextFlushAt).min())
  }

  // MARK: The end of a turn

  /// Serves every stream that is due, or has a client with room again.
  func turnEnded() {
    let streams = scheduled
    scheduled.removeAll(keepingCapacity: true)
    for stream in streams {
      stream.isScheduled = false
      if stream.isDue(at: loop.now), let payload = stream.takeFlush(at: loop.now) {
        flush(payload, to: stream)
      }
      catchUp(stream)
      stream.trim(at: loop.now)
    }
  }

  private func flush(_ payload: [UInt8], to stream: DeliveryStream<Channel>) {
    let start = MonotonicClock.now()
    var short: [(slot: Int32, result: TransferResult)] = []
    let clients = stream.channels.count
    bytesSent += UInt64(payload.count * clients)
    Channel.send(payload, toEach: stream.channels) { index, result in
      short.append((stream.slots[index], result))
    }
    let end = MonotonicClock.now()
    times.flushed(
      stream.kind, to: clients - short.count, from: start, to: end, hubFlushedAt: stream.hubFlushedAt)
    for (slot, result) in short {
      bytesSent -= UInt64(payload.count - result.count)
      if case .failed = result {
        owner.deliveryFailed(slot)
      } else {
        stream.fellBehind(slot, payload: payload, sent: result.count, at: loop.now)
      }
    }
    if stream.kind.rate != nil { govern(after: start.duration(to: end)) }
  }

  private func catchUp(_ stream: DeliveryStream<Channel>) {
    while let write = stream.nextWrite() {
      let result = write.channel.send(write.bytes, from: write.start)
      if case .failed = result {
        owner.deliveryFailed(write.slot)
      } else {
        bytesSent += UInt64(result.count)
        stream.wrote(write.slot, count: result.count, at: loop.now)
      }
    }
  }

  // MARK: The governor

  private func govern(after duration: Duration) {
    guard governor.flushFinished(after: duration, now: loop.now) else { return }
    for stream in streams.values { stream.interval = max(stream.kind.interval, governed(stream.kind)) }
  }

  private func governed(_ kind: StreamKind) -> Duration {
    kind.rate == nil ? .zero : governor.interval
  }

  // MARK: Time

  /// To be called a few times a second: comments into streams that are silent, forgets those without clients.
  ///
  /// - Returns: the clients that must go, and why.
  func sweep(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    let now = loop.now
    var overdue: [(slot: Int32, reason: CloseReason)] = []
    for stream in streams.values {
      if stream.clientCount == 0 {
        streams[stream.kind] = nil
        waiting.removeAll { $0 === stream }
        retired.add(stream.counters)
        continue
      }
      // A little early rather than late: the next look is one interval away.
      if stream.lastEntryAt.advanced(by: configuration.keepAlive - interval) <= now {
        append(StreamEntry(bytes: EventStream.comment, eventCount: 0), to: stream)
      }
      overdue += stream.overdue(at: now)
    }
    return overdue
  }

  /// Adds what there is and what was done.
  ///
  /// - Parameter clients: where those are counted who are reached as here.
  func count(
    into counters: inout WorkerCounters, clients: WritableKeyPath<WorkerCounters, StreamClients>
  ) {
    counters.bytesSent += bytesSent
    counters.times.add(times)
    counters.delivery.add(retired)
    for stream in streams.values where stream.kind != .probe {
      counters[keyPath: clients].count(UInt64(stream.clientCount), of: stream.kind)
      counters.laggards += UInt64(stream.laggardCount)
      counters.delivery.add(stream.counters)
    }
    counters.governorLevel = max(counters.governorLevel, UInt64(governor.level))
    counters.governorSteps += governor.stepsDown
  }
}

extension TransferResult {
  /// How many bytes were moved.
  var count: Int { if case .moved(let count) = self { count } else { 0 } }
}
