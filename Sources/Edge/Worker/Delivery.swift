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

/// The delivery of all streams to the clients of one kind of channel and one framing: what an edge does all day.
///
/// A turn only appends to the streams' logs. Its end takes what is new of each stream that is due, and writes it to every
/// client in step: one system call for each, and nothing else. Then those that lag and have room get theirs.
final class Delivery<Channel: DeliveryChannel> {
  private let loop: EventLoop
  var configuration: Worker.Configuration
  private unowned let owner: any DeliveryOwner
  private var timer: Deadline?
  private var streams: DeliveryStreams<Channel>
  private var times = DeliveryTimes()

  /// How many bytes clients' sockets took.
  private(set) var bytesSent: UInt64 = 0

  init(
    _ framing: BodyFraming, _ configuration: Worker.Configuration, loop: EventLoop, owner: any DeliveryOwner
  ) {
    streams = DeliveryStreams(tick: Worker.tick, framing: framing)
    self.configuration = configuration
    self.loop = loop
    self.owner = owner
    timer = Deadline(on: loop) { [weak self] in self?.timeHasCome() }
  }

  /// A hub said how far apart its flushes are.
  func tickChanged(to tick: Duration) { streams.tickChanged(to: tick) }

  // MARK: Clients

  /// Adds a client and sends it its first bytes; it gets every entry that comes from now on.
  ///
  /// - Parameters:
  ///   - head: the head of its response, and what of its body is known, framed.
  ///   - answer: what follows that, framed.
  /// - Returns: false if its connection is broken.
  func join(
    _ slot: Int32, _ kind: StreamKind, channel: Channel, opening head: [UInt8],
    followedBy answer: SharedBytes? = nil
  ) -> Bool {
    guard let beginning = begin(channel, with: head, followedBy: answer) else { return false }
    let stream = streams.stream(
      for: kind, lagMaximum: configuration.lagMaximum, bufferMaximum: configuration.bufferMaximum(of: kind),
      at: loop.now)
    beginning.join(stream, as: slot, channel: channel, at: loop.now)
    return true
  }

  /// Sends a client the head of its response, and keeps it waiting for what follows that.
  ///
  /// - Returns: false if its connection is broken.
  func admit(_ slot: Int32, _ kind: StreamKind, channel: Channel, opening head: [UInt8]) -> Bool {
    guard let beginning = begin(channel, with: head, followedBy: nil) else { return false }
    let anteroom = streams.anteroom(of: kind, lagMaximum: configuration.lagMaximum, at: loop.now)
    beginning.join(anteroom, as: slot, channel: channel, at: loop.now)
    return true
  }

  /// Writes what fits of a client's first bytes; nil if its connection is broken.
  private func begin(
    _ channel: Channel, with head: [UInt8], followedBy answer: SharedBytes?
  ) -> StreamBeginning? {
    var beginning = StreamBeginning(
      head: head, answer: answer, copiedMaximum: OpeningBytes.copiedMaximum)
    while let (bytes, start) = beginning.next {
      let result = channel.send(bytes, from: start)
      if case .failed = result { return nil }
      bytesSent += UInt64(result.count)
      beginning.wrote(result.count)
    }
    return beginning
  }

  /// Takes a client out, of its stream or from before it.
  ///
  /// - Returns: the rest of what it was cut in, which comes first if it is to be told something more.
  func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8] { streams.release(slot, kind) }

  /// The socket of a client has room again.
  func becameWritable(_ slot: Int32, _ kind: StreamKind) {
    streams.becameWritable(slot, kind)
    arm()
  }

  // MARK: Entries

  /// Adds entries to their streams.
  ///
  /// - Parameter hubFlushedAt: when the hub flushed the oldest of them, if it is known.
  func append(_ updates: [StreamUpdate], hubFlushedAt: Instant?) {
    guard !streams.all.isEmpty else { return }
    for update in updates { streams.append(update, hubFlushedAt: hubFlushedAt, at: loop.now) }
    arm()
  }

  /// Adds a comment to all streams.
  func append(comment: [UInt8]) {
    streams.append(comment: comment, at: loop.now)
    arm()
  }

  private func timeHasCome() {
    streams.timerTriggered(at: loop.now)
    arm()
  }

  private func arm() {
    if streams.isScheduled { owner.deliveryIsDue() }
    timer?.set(streams.deadline)
  }

  // MARK: The end of a turn

  /// Serves every stream that is due, or has a client with room again.
  func turnEnded() {
    for stream in streams.takeScheduled() {
      if let payload = stream.turnEnded(at: loop.now) { flush(payload, to: stream) }
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
    streams.flushed(stream, after: start.duration(to: end), at: loop.now)
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

  // MARK: Time

  /// To be called a few times a second: comments into streams that are silent, forgets those without clients.
  ///
  /// - Returns: the clients that must go, and why.
  func sweep(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    let overdue = streams.timePassed(every: interval, keepAlive: configuration.keepAlive, at: loop.now)
    arm()
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
    counters.delivery.add(streams.retired)
    for stream in streams.all where stream.kind != .probe {
      counters[keyPath: clients].count(UInt64(stream.clientCount), of: stream.kind)
      counters.laggards += UInt64(stream.laggardCount)
      counters.delivery.add(stream.counters)
    }
    counters.governorLevel = max(counters.governorLevel, UInt64(streams.governor.level))
    counters.governorSteps += streams.governor.stepsDown
  }
}

extension TransferResult {
  /// How many bytes were moved.
  var count: Int { if case .moved(let count) = self { count } else { 0 } }
}
