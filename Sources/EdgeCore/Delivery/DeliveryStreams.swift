import HTTP
import PlantedFaults
import Primitives

/// The streams of a worker to the clients of one kind of channel and one framing, and when each is served.
///
/// Updates are appended to their streams. A stream that is due is served at the end of the turn
/// (``takeScheduled()``); any other waits for its time (``deadline``).
///
/// A stream may have a *holding stream*: its clients get comments, and nothing of the stream, until they join the stream
/// itself.
///
/// Methods called for every event are inlinable, so that they are specialized for the channel in use.
package struct DeliveryStreams<Channel> {
  /// One of the streams.
  package typealias Stream = DeliveryStream<Channel>

  /// How many bytes of comments are kept for lagging clients in a holding stream.
  private static var holdingBufferMaximum: Int { 4_096 }

  /// All streams and holding streams, in the order in which their first clients joined.
  package private(set) var all: [Stream] = []
  @usableFromInline private(set) var byKind: [StreamKind: Stream] = [:]
  private var holdingStreams: [StreamKind: Stream] = [:]
  /// The streams of `eps`: few among possibly thousands of topics.
  @usableFromInline private(set) var summed: [Stream] = []
  /// The streams that are handled at the end of this turn.
  private var scheduled: [Stream] = []
  /// The streams that wait for their time.
  private var waiting: [Stream] = []
  private let framing: BodyFraming
  /// Lowers the rate of `eps` when its clients cannot be served in time.
  package private(set) var governor: RateGovernor
  /// The counts of streams that no longer exist.
  package private(set) var retired = DeliveryCounters()

  /// When ``timerTriggered(at:)`` is due; nil while no stream waits.
  package private(set) var deadline: Instant?

  /// No streams.
  ///
  /// - Parameters:
  ///   - tick: the interval at which hubs flush, until a hub announces its own.
  ///   - framing: the framing of the clients' bodies.
  package init(tick: Duration, framing: BodyFraming = .untilClose) {
    self.framing = framing
    governor = RateGovernor(tick: tick)
  }

  /// The stream of a kind; nil if it has no clients.
  @inlinable package subscript(kind: StreamKind) -> Stream? { byKind[kind] }

  /// Whether there is something to do at the end of this turn.
  package var isScheduled: Bool { !scheduled.isEmpty }

  /// The stream of a kind, created for its first client.
  ///
  /// - Parameters:
  ///   - lagMaximum: how long a client may take no byte, and how far behind a client of `eps` may be.
  ///   - bufferMaximum: how many bytes of entries are kept for clients that lag.
  package mutating func stream(
    for kind: StreamKind, lagMaximum: Duration, bufferMaximum: Int, at now: Instant
  ) -> Stream {
    if let stream = byKind[kind] { return stream }
    let stream = Stream(
      kind: kind, lagMaximum: lagMaximum, bufferMaximum: bufferMaximum, framing: framing, now: now,
      renderSum: UpdateRenderer.renderSum)
    stream.interval = interval(of: kind)
    byKind[kind] = stream
    all.append(stream)
    if kind.rate != nil { summed.append(stream) }
    return stream
  }

  /// The holding stream of a stream, for clients that have their response head and wait for their opening; created for its
  /// first client.
  ///
  /// - Parameter lagMaximum: how long a client may take no byte.
  package mutating func holdingStream(of kind: StreamKind, lagMaximum: Duration, at now: Instant) -> Stream {
    if let holdingStream = holdingStreams[kind] { return holdingStream }
    let holdingStream = Stream(
      kind: kind, lagMaximum: lagMaximum, bufferMaximum: Self.holdingBufferMaximum, framing: framing,
      now: now,
      renderSum: UpdateRenderer.renderSum)
    holdingStreams[kind] = holdingStream
    all.append(holdingStream)
    return holdingStream
  }

  /// Removes a client from the stream of a kind, or from its holding stream.
  ///
  /// - Returns: the rest of its pending bytes, which must precede anything else it is sent.
  package func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8] {
    (byKind[kind]?.release(slot) ?? []) + (holdingStreams[kind]?.release(slot) ?? [])
  }

  /// The socket of a client has room again.
  package mutating func becameWritable(_ slot: Int32, _ kind: StreamKind) {
    if let stream = byKind[kind], stream.becameWritable(slot) {
      schedule(stream)
    } else if let holdingStream = holdingStreams[kind], holdingStream.becameWritable(slot) {
      schedule(holdingStream)
    }
  }

  // MARK: Entries

  /// Appends an entry to its stream; an entry of `eps` goes to the streams of all rates.
  ///
  /// - Parameter hubFlushedAt: when the hub flushed it, if that is known.
  @inlinable package mutating func append(_ update: StreamUpdate, hubFlushedAt: Instant?, at now: Instant) {
    guard update.kind.rate != nil else {
      if let stream = byKind[update.kind] { append(update.entry, to: stream, hubFlushedAt, now) }
      return
    }
    for stream in summed where stream.kind.isIdentified == update.kind.isIdentified {
      append(update.entry, to: stream, hubFlushedAt, now)
    }
  }

  /// Appends a comment to all streams.
  package mutating func append(comment: [UInt8], at now: Instant) {
    for stream in all { append(StreamEntry(bytes: comment, eventCount: 0), to: stream, nil, now) }
  }

  @usableFromInline mutating func append(
    _ entry: StreamEntry, to stream: Stream, _ hubFlushedAt: Instant?, _ now: Instant
  ) {
    if stream.isFlushed { stream.hubFlushedAt = hubFlushedAt }
    stream.append(entry, at: now)
    if stream.isDue(at: now) { schedule(stream) } else { wait(stream) }
  }

  private mutating func schedule(_ stream: Stream) {
    guard !stream.isScheduled else { return }
    stream.isScheduled = true
    scheduled.append(stream)
  }

  /// A stream whose flush has not reached all clients is not waited for: it waits from the end of that flush on.
  private mutating func wait(_ stream: Stream) {
    guard !stream.isScheduled, stream.flush == nil else { return }
    if !waiting.contains(where: { $0 === stream }) { waiting.append(stream) }
    setDeadline()
  }

  /// The driver's timer fired: streams that are due are served at the end of this turn.
  package mutating func timerTriggered(at now: Instant) {
    guard let deadline, deadline <= now else { return }
    let due = waiting.filter { $0.isDue(at: now) }
    waiting.removeAll { stream in due.contains { $0 === stream } || stream.isFlushed }
    for stream in due { schedule(stream) }
    setDeadline()
  }

  /// A loop, because this happens in each tick: in code that is not specialized, a key path is made again for each use.
  private mutating func setDeadline() {
    deadline = nil
    for stream in waiting { deadline = .earliest(deadline, stream.nextFlushAt) }
  }

  // MARK: The end of a turn

  /// Takes out the streams to serve now. The driver flushes each (``DeliveryStream/turnEnded(at:)``), writes as long
  /// as there is something for a lagging client (``DeliveryStream/nextWrite()``), and trims it
  /// (``DeliveryStream/trim(at:)``).
  package mutating func takeScheduled() -> [Stream] {
    scheduled.takeAll()
  }

  /// A flush was written to all clients in step of a stream.
  ///
  /// - Parameter duration: how long the writes took.
  package mutating func flushed(_ stream: Stream, after duration: Duration, at now: Instant) {
    if !stream.isFlushed { wait(stream) }
    guard stream.kind.rate != nil, governor.flushFinished(after: duration, now: now) else { return }
    setIntervals()
  }

  /// A hub announced its tick interval.
  package mutating func tickChanged(to tick: Duration) {
    governor.tickChanged(to: tick)
    setIntervals()
  }

  private func setIntervals() {
    for stream in summed { stream.interval = interval(of: stream.kind) }
  }

  private func interval(of kind: StreamKind) -> Duration {
    planted(.rateIgnored) ? .zero : max(kind.interval, kind.rate == nil ? .zero : governor.interval)
  }

  // MARK: Time

  /// Time has passed; to be called a few times a second. Silent streams get a comment, streams without clients are
  /// removed.
  ///
  /// - Parameters:
  ///   - interval: the time until the next call.
  ///   - keepAlive: how long a stream may be silent.
  /// - Returns: the clients to disconnect, and why.
  package mutating func timePassed(
    every interval: Duration, keepAlive: Duration, at now: Instant
  ) -> [(slot: Int32, reason: CloseReason)] {
    forgetEmpty()
    var overdue: [(slot: Int32, reason: CloseReason)] = []
    for stream in all {
      // A little early rather than late: the next call is one interval away.
      if stream.lastEntryAt.advanced(by: keepAlive - interval) <= now, !planted(.silentStreams) {
        append(StreamEntry(bytes: EventStream.comment, eventCount: 0), to: stream, nil, now)
      }
      overdue += stream.overdue(at: now)
    }
    return overdue
  }

  /// Removes all empty streams at once: thousands of clients may have left as many topics.
  private mutating func forgetEmpty() {
    for stream in all where stream.clientCount == 0 {
      if byKind[stream.kind] === stream {
        byKind[stream.kind] = nil
      } else {
        holdingStreams[stream.kind] = nil
      }
      retired.add(stream.counters)
    }
    all.removeAll { $0.clientCount == 0 }
    summed.removeAll { $0.clientCount == 0 }
    waiting.removeAll { $0.clientCount == 0 }
  }
}
