public import HTTP
public import Primitives

/// The streams of a worker to the clients of one kind of channel and one framing, and when each of them is served.
///
/// What comes is appended to the streams that it is for. A stream that is due is served at the end of the turn
/// (``takeScheduled()``); one that is not waits for its time (``deadline``).
///
/// Before a stream there may be an *anteroom*: those in it get comments, and nothing of the stream, until they are let into it.
///
/// What happens for every event is inlinable, so that it is compiled for the channel that it is used with.
public struct DeliveryStreams<Channel> {
  /// One of the streams.
  public typealias Stream = DeliveryStream<Channel>

  /// How many bytes of comments are kept for those in an anteroom who lag.
  private static var anteroomBufferMaximum: Int { 4_096 }

  /// All streams, and all anterooms, in the order in which their first clients came.
  public private(set) var all: [Stream] = []
  @usableFromInline private(set) var byKind: [StreamKind: Stream] = [:]
  private var anterooms: [StreamKind: Stream] = [:]
  /// Those of `eps`, few among what may be thousands of topics.
  @usableFromInline private(set) var summed: [Stream] = []
  /// Those that are looked after at the end of this turn.
  private var scheduled: [Stream] = []
  /// Those that wait for their time.
  private var waiting: [Stream] = []
  private let framing: BodyFraming
  /// Lowers the rate of `eps` where its clients can not be served in time.
  public private(set) var governor: RateGovernor
  /// What streams that are gone delivered.
  public private(set) var retired = DeliveryCounters()

  /// When ``timerTriggered(at:)`` is due; nil while no stream waits.
  public private(set) var deadline: Instant?

  /// None.
  ///
  /// - Parameters:
  ///   - tick: the interval at which hubs flush, until one says its own.
  ///   - framing: how the clients' bodies are framed.
  public init(tick: Duration, framing: BodyFraming = .untilClose) {
    self.framing = framing
    governor = RateGovernor(tick: tick)
  }

  /// The stream of a kind; nil if it has no clients.
  @inlinable public subscript(kind: StreamKind) -> Stream? { byKind[kind] }

  /// Whether there is something to do at the end of this turn.
  public var isScheduled: Bool { !scheduled.isEmpty }

  /// The stream that a client wants, which is made for the first one.
  ///
  /// - Parameters:
  ///   - lagMaximum: how long a client may take nothing, and how far behind one of `eps` may be.
  ///   - bufferMaximum: how many bytes of entries are kept for clients that lag.
  public mutating func stream(
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

  /// Where those wait who are to be let into the stream of a kind, but have the head of their response; made for the first one.
  ///
  /// - Parameter lagMaximum: how long a client may take nothing.
  public mutating func anteroom(of kind: StreamKind, lagMaximum: Duration, at now: Instant) -> Stream {
    if let anteroom = anterooms[kind] { return anteroom }
    let anteroom = Stream(
      kind: kind, lagMaximum: lagMaximum, bufferMaximum: Self.anteroomBufferMaximum, framing: framing,
      now: now,
      renderSum: UpdateRenderer.renderSum)
    anterooms[kind] = anteroom
    all.append(anteroom)
    return anteroom
  }

  /// Takes a client out of the stream of a kind, or of its anteroom.
  ///
  /// - Returns: the rest of what it was cut in, which comes first if it is to be told something more.
  public func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8] {
    (byKind[kind]?.release(slot) ?? []) + (anterooms[kind]?.release(slot) ?? [])
  }

  /// The socket of a client has room again.
  public mutating func becameWritable(_ slot: Int32, _ kind: StreamKind) {
    if let stream = byKind[kind], stream.becameWritable(slot) {
      schedule(stream)
    } else if let anteroom = anterooms[kind], anteroom.becameWritable(slot) {
      schedule(anteroom)
    }
  }

  // MARK: Entries

  /// Adds an entry to its stream; one of `eps` goes to the streams of all rates.
  ///
  /// - Parameter hubFlushedAt: when the hub flushed it, if that is known.
  @inlinable public mutating func append(_ update: StreamUpdate, hubFlushedAt: Instant?, at now: Instant) {
    guard update.kind.rate != nil else {
      if let stream = byKind[update.kind] { append(update.entry, to: stream, hubFlushedAt, now) }
      return
    }
    for stream in summed where stream.kind.isIdentified == update.kind.isIdentified {
      append(update.entry, to: stream, hubFlushedAt, now)
    }
  }

  /// Adds a comment to all streams.
  public mutating func append(comment: [UInt8], at now: Instant) {
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

  private mutating func wait(_ stream: Stream) {
    guard !stream.isScheduled else { return }
    if !waiting.contains(where: { $0 === stream }) { waiting.append(stream) }
    deadline = waiting.lazy.map(\.nextFlushAt).min()
  }

  /// The driver's timer went off: streams whose time has come are served at the end of this turn.
  public mutating func timerTriggered(at now: Instant) {
    let due = waiting.filter { $0.isDue(at: now) }
    waiting.removeAll { stream in due.contains { $0 === stream } || stream.isFlushed }
    for stream in due { schedule(stream) }
    deadline = waiting.lazy.map(\.nextFlushAt).min()
  }

  // MARK: The end of a turn

  /// Takes out the streams that are served now: each is to be flushed (``DeliveryStream/turnEnded(at:)``), written to for
  /// as long as it has something for a client that lags (``DeliveryStream/nextWrite()``), and trimmed
  /// (``DeliveryStream/trim(at:)``).
  public mutating func takeScheduled() -> [Stream] {
    defer { scheduled.removeAll(keepingCapacity: true) }
    return scheduled
  }

  /// All clients in step of a stream were written to.
  ///
  /// - Parameter duration: how long that took.
  public mutating func flushed(_ stream: Stream, after duration: Duration, at now: Instant) {
    guard stream.kind.rate != nil, governor.flushFinished(after: duration, now: now) else { return }
    setIntervals()
  }

  /// A hub said how far apart its flushes are.
  public mutating func tickChanged(to tick: Duration) {
    governor.tickChanged(to: tick)
    setIntervals()
  }

  private func setIntervals() {
    for stream in summed { stream.interval = interval(of: stream.kind) }
  }

  private func interval(of kind: StreamKind) -> Duration {
    max(kind.interval, kind.rate == nil ? .zero : governor.interval)
  }

  // MARK: Time

  /// Some time has passed; to be told a few times a second. Streams that are silent get a comment, those without clients are
  /// forgotten.
  ///
  /// - Parameters:
  ///   - interval: how long it is until the next time.
  ///   - keepAlive: how long a stream may be silent.
  /// - Returns: the clients that must go, and why.
  public mutating func timePassed(
    every interval: Duration, keepAlive: Duration, at now: Instant
  ) -> [(slot: Int32, reason: CloseReason)] {
    forgetEmpty()
    var overdue: [(slot: Int32, reason: CloseReason)] = []
    for stream in all {
      // A little early rather than late: the next look is one interval away.
      if stream.lastEntryAt.advanced(by: keepAlive - interval) <= now {
        append(StreamEntry(bytes: EventStream.comment, eventCount: 0), to: stream, nil, now)
      }
      overdue += stream.overdue(at: now)
    }
    return overdue
  }

  /// All at once: thousands of clients may have left as many topics.
  private mutating func forgetEmpty() {
    for stream in all where stream.clientCount == 0 {
      if byKind[stream.kind] === stream { byKind[stream.kind] = nil } else { anterooms[stream.kind] = nil }
      retired.add(stream.counters)
    }
    all.removeAll { $0.clientCount == 0 }
    summed.removeAll { $0.clientCount == 0 }
    waiting.removeAll { $0.clientCount == 0 }
  }
}
