import HTTP
import Primitives

/// The delivery of all streams to the clients of one kind of channel: the main work of an edge.
///
/// During a turn, entries are only appended to the streams' logs. At its end (``turnEnded(at:)``), the new entries of
/// each stream that is due are written to every client in step, by one ``BatchWriter`` for all. Then lagging clients
/// with room get theirs. Each framing has streams of its own, because only identical bytes are rendered once and sent
/// to all.
///
/// The driver calls ``turnEnded(at:)`` at the end of each turn in which ``isDue`` is true, and
/// ``timerTriggered(at:)`` at the ``deadline``. Clients are identified by the slots of their subscribers.
package final class Delivery<Writer: BatchWriter> {
  @usableFromInline typealias Streams = DeliveryStreams<Writer.Channel>

  @usableFromInline var chunked: Streams
  @usableFromInline var untilClose: Streams
  private var writer: Writer
  private var flushes: FlushesUnderWay<Writer.Channel>
  /// The limits for streams and clients from now on.
  package var limits: DeliveryLimits

  /// How long flushes took, and how old they were.
  package private(set) var times = DeliveryTimes()
  /// The number of bytes that clients' channels took.
  package private(set) var bytesSent: UInt64 = 0

  /// - Parameters:
  ///   - tick: the interval at which hubs flush, until a hub announces its own.
  ///   - sliceMaximum: the most clients that are written to in one turn; nil for as many as take a few milliseconds.
  package init(by writer: Writer, tick: Duration, limits: DeliveryLimits, sliceMaximum: Int? = nil) {
    chunked = Streams(tick: tick, framing: .chunked)
    untilClose = Streams(tick: tick, framing: .untilClose)
    self.writer = writer
    self.limits = limits
    flushes = FlushesUnderWay(sliceMaximum: sliceMaximum)
  }

  private subscript(framing: BodyFraming) -> Streams {
    _read {
      switch framing {
      case .chunked: yield chunked
      case .untilClose: yield untilClose
      }
    }
    _modify {
      switch framing {
      case .chunked: yield &chunked
      case .untilClose: yield &untilClose
      }
    }
  }

  /// All streams that have clients, and those that clients wait for.
  package var streams: [DeliveryStream<Writer.Channel>] { chunked.all + untilClose.all }
  /// The counts of streams that no longer exist.
  package var retired: DeliveryCounters {
    var counters = chunked.retired
    counters.add(untilClose.retired)
    return counters
  }
  /// How far each framing's `eps` has been slowed down, and how often.
  package var governors: [RateGovernor] { [chunked.governor, untilClose.governor] }

  // MARK: Clients

  /// Adds a client and sends it its first bytes. It gets every entry from now on.
  ///
  /// - Parameters:
  ///   - head: the head of the response, and the known part of its body, framed.
  ///   - answer: what follows the head, framed.
  /// - Returns: false if the connection is broken.
  package func join(
    _ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming, over channel: Writer.Channel,
    opening head: [UInt8], followedBy answer: SharedBytes? = nil, at now: Instant
  ) -> Bool {
    guard let beginning = begin(channel, with: head, followedBy: answer) else { return false }
    let stream = self[framing].stream(
      for: kind, lagMaximum: limits.lagMaximum, bufferMaximum: limits.bufferMaximum(of: kind), at: now)
    beginning.join(stream, as: slot, channel: channel, at: now)
    return true
  }

  /// Sends a client the head of its response, and keeps it waiting for the rest of its first bytes.
  ///
  /// - Returns: false if the connection is broken.
  package func admit(
    _ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming, over channel: Writer.Channel,
    opening head: [UInt8], at now: Instant
  ) -> Bool {
    guard let beginning = begin(channel, with: head, followedBy: nil) else { return false }
    let holdingStream = self[framing].holdingStream(of: kind, lagMaximum: limits.lagMaximum, at: now)
    beginning.join(holdingStream, as: slot, channel: channel, at: now)
    return true
  }

  /// Writes as many of a client's first bytes as fit; nil if the connection is broken.
  private func begin(
    _ channel: Writer.Channel, with head: [UInt8], followedBy answer: SharedBytes?
  ) -> InitialWrite? {
    var beginning = InitialWrite(head: head, answer: answer, copiedMaximum: limits.copiedMaximum)
    while let (bytes, start) = beginning.next {
      guard case .accepted(let count) = writer.write(bytes, from: start, to: channel) else { return nil }
      bytesSent += UInt64(count)
      beginning.wrote(count)
    }
    return beginning
  }

  /// Removes a client, whether its stream has begun or not.
  ///
  /// - Returns: the rest of the event in which it was cut; further bytes must follow it.
  package func release(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming) -> [UInt8] {
    self[framing].release(slot, kind)
  }

  /// A client's channel has room again.
  package func becameWritable(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming) {
    self[framing].becameWritable(slot, kind)
  }

  // MARK: Entries

  /// Adds entries to their streams.
  ///
  /// - Parameter hubFlushedAt: when the hub flushed the oldest entry, if that is known.
  @inlinable package func append(_ updates: [StreamUpdate], hubFlushedAt: Instant?, at now: Instant) {
    if !chunked.all.isEmpty {
      for update in updates { chunked.append(update, hubFlushedAt: hubFlushedAt, at: now) }
    }
    if !untilClose.all.isEmpty {
      for update in updates { untilClose.append(update, hubFlushedAt: hubFlushedAt, at: now) }
    }
  }

  /// Adds a comment to all streams.
  package func append(comment: [UInt8], at now: Instant) {
    chunked.append(comment: comment, at: now)
    untilClose.append(comment: comment, at: now)
  }

  /// A hub announced the interval of its flushes.
  package func tickChanged(to tick: Duration) {
    chunked.tickChanged(to: tick)
    untilClose.tickChanged(to: tick)
  }

  // MARK: Time

  /// Whether there is something to do at the end of this turn.
  package var isDue: Bool { chunked.isScheduled || untilClose.isScheduled || isFlushing }

  /// Whether a flush has not reached every client: it goes on at the end of the next turn, which must not wait.
  package var isFlushing: Bool { !flushes.isEmpty }

  /// When ``timerTriggered(at:)`` is due; nil while no stream waits.
  package var deadline: Instant? { .earliest(chunked.deadline, untilClose.deadline) }

  /// Streams that are due are served at the end of this turn.
  package func timerTriggered(at now: Instant) {
    chunked.timerTriggered(at: now)
    untilClose.timerTriggered(at: now)
  }

  /// To be called a few times a second: adds comments to silent streams, and forgets streams without clients.
  ///
  /// - Parameter interval: the time until the next call.
  /// - Returns: the clients that must be closed, with the reasons.
  package func timePassed(
    every interval: Duration, at now: Instant
  ) -> [(slot: Int32, reason: CloseReason)] {
    chunked.timePassed(every: interval, keepAlive: limits.keepAlive, at: now)
      + untilClose.timePassed(every: interval, keepAlive: limits.keepAlive, at: now)
  }

  // MARK: The end of a turn

  /// Serves every stream that is due, or has a client with room again.
  ///
  /// - Returns: the clients whose connections are broken. They have left their streams.
  package func turnEnded(at now: Instant) -> [Int32] {
    let due = takeScheduled()
    let served = flushes.streams + due
    for stream in due {
      if let payload = stream.turnEnded(at: now) { flushes.begin(payload, of: stream) }
    }
    var broken: [Int32] = []
    if isFlushing { goOnFlushing(at: now, &broken) }
    for stream in served {
      catchUp(stream, at: now, &broken)
      stream.trim(at: now)
    }
    return broken
  }

  private func goOnFlushing(at now: Instant, _ broken: inout [Int32]) {
    let slices = flushes.takeSlices()
    for slice in slices { writer.write(slice.payload, toEach: slice.channels) }
    for (slice, result) in zip(slices, writer.finish()) { wrote(slice, result, at: now, &broken) }
  }

  private func takeScheduled() -> [DeliveryStream<Writer.Channel>] {
    let due = chunked.takeScheduled()
    return untilClose.isScheduled ? due + untilClose.takeScheduled() : due
  }

  private func wrote(
    _ slice: FlushesUnderWay<Writer.Channel>.Slice, _ result: BatchResult, at now: Instant,
    _ broken: inout [Int32]
  ) {
    let (stream, payload, count) = (slice.stream, slice.payload, slice.places.count)
    bytesSent += UInt64(payload.count * count)
    times.reached(
      count - result.short.count, of: stream.kind, at: result.endedAt,
      hubFlushedAt: stream.flush?.hubFlushedAt)
    let duration = result.startedAt.duration(to: result.endedAt)
    flushes.pace.took(duration, clients: count)
    // By their slots, because a client that leaves changes the order of the others.
    for (slot, result) in result.short.map({ (stream.slots[slice.places.lowerBound + $0.index], $0.result) })
    {
      bytesSent -= UInt64(payload.count - result.count)
      switch result {
      case .accepted(let count): stream.fellBehind(slot, payload: payload, sent: count, at: now)
      case .failed:
        stream.leave(slot)
        broken.append(slot)
      }
    }
    guard let flush = stream.wroteSlice(in: duration) else { return }
    times.flushed(in: flush.duration)
    self[stream.framing].flushed(stream, after: flush.duration, at: now)
  }

  private func catchUp(
    _ stream: DeliveryStream<Writer.Channel>, at now: Instant, _ broken: inout [Int32]
  ) {
    while let write = stream.nextWrite() {
      switch writer.write(write.bytes, from: write.start, to: write.channel) {
      case .accepted(let count):
        bytesSent += UInt64(count)
        stream.wrote(write.slot, count: count, at: now)
      case .failed:
        stream.leave(write.slot)
        broken.append(write.slot)
      }
    }
  }
}
