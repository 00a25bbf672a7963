import EdgeCore
import HTTP
import Primitives
import Reactor

/// How bytes reach a streaming client.
protocol DeliveryChannel {
  /// Writes as many bytes as fit, from an index on.
  func send(_ bytes: [UInt8], from index: Int) -> TransferResult
  /// Writes the same bytes to each channel, and reports those that did not take all of them.
  static func send(_ bytes: [UInt8], toEach channels: [Self], onShort: (Int, TransferResult) -> Void)
}

/// The channel of a plain client is its socket.
extension Int32: DeliveryChannel {
  func send(_ bytes: [UInt8], from index: Int) -> TransferResult { Socket.send(self, bytes, from: index) }

  static func send(_ bytes: [UInt8], toEach channels: [Int32], onShort: (Int, TransferResult) -> Void) {
    Socket.send(bytes, toEach: channels, onShort: onShort)
  }
}

/// The limits on the first bytes of streams.
enum OpeningBytes {
  /// Up to this many bytes are sent in the same write as the head, and copied for each client; larger answers are
  /// shared.
  static let copiedMaximum = 4 * 1024
  /// The most shared bytes that may be alive at a time.
  static let sharedMaximum = 64 << 20
}

/// What a delivery needs from its worker.
protocol DeliveryOwner: AnyObject {
  /// Writing to a client failed, because its connection is broken.
  func deliveryFailed(_ slot: Int32)
  /// The delivery has work for the end of this turn.
  func deliveryIsDue()
}

/// The delivery of all streams to the clients of one kind of channel and one framing: the main work of an edge.
///
/// During a turn, entries are only appended to the streams' logs. At its end, the new entries of each stream that is
/// due are written to every client in step: one system call for each, and nothing else. Then lagging clients with
/// room get theirs.
final class Delivery<Channel: DeliveryChannel> {
  private let loop: EventLoop
  var configuration: Worker.Configuration
  private unowned let owner: any DeliveryOwner
  private var timer: Deadline?
  private var streams: DeliveryStreams<Channel>
  private var times = DeliveryTimes()

  /// The number of bytes that clients' sockets took.
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

  /// A hub reported the interval of its flushes.
  func tickChanged(to tick: Duration) { streams.tickChanged(to: tick) }

  // MARK: Clients

  /// Adds a client and sends it its first bytes. It gets every entry from now on.
  ///
  /// - Parameters:
  ///   - head: the head of the response, and the known part of its body, framed.
  ///   - answer: what follows the head, framed.
  /// - Returns: false if the connection is broken.
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

  /// Sends a client the head of its response, and keeps it waiting for the rest of its first bytes.
  ///
  /// - Returns: false if the connection is broken.
  func admit(_ slot: Int32, _ kind: StreamKind, channel: Channel, opening head: [UInt8]) -> Bool {
    guard let beginning = begin(channel, with: head, followedBy: nil) else { return false }
    let anteroom = streams.anteroom(of: kind, lagMaximum: configuration.lagMaximum, at: loop.now)
    beginning.join(anteroom, as: slot, channel: channel, at: loop.now)
    return true
  }

  /// Writes as many of a client's first bytes as fit; nil if the connection is broken.
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

  /// Removes a client, whether its stream has begun or not.
  ///
  /// - Returns: the rest of the event in which it was cut; further bytes must follow behind it.
  func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8] { streams.release(slot, kind) }

  /// A client's socket has room again.
  func becameWritable(_ slot: Int32, _ kind: StreamKind) {
    streams.becameWritable(slot, kind)
    arm()
  }

  // MARK: Entries

  /// Adds entries to their streams.
  ///
  /// - Parameter hubFlushedAt: when the hub flushed the oldest entry, if that is known.
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

  /// To be called a few times a second: adds comments to silent streams, and forgets streams without clients.
  ///
  /// - Returns: the clients that must be closed, with the reasons.
  func sweep(every interval: Duration) -> [(slot: Int32, reason: CloseReason)] {
    let overdue = streams.timePassed(every: interval, keepAlive: configuration.keepAlive, at: loop.now)
    arm()
    return overdue
  }

  /// Adds the counts of this delivery.
  ///
  /// - Parameter clients: the counter for clients of this channel.
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
  /// The number of bytes that were moved.
  var count: Int { if case .moved(let count) = self { count } else { 0 } }
}
