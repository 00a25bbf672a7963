import HTTP
import PlantedFaults
import Primitives

/// One stream on one worker: its log, the clients that are in step with it, and those that lag.
///
/// A client in step has no state here except its place in two arrays. When the stream is due, the driver takes the
/// new bytes (``turnEnded(at:)``) and writes the same bytes to every one of them, in one slice or more
/// (``begin(_:)``, ``takeSlice(atMost:)``). A client whose socket does not accept the whole payload falls behind
/// (``fellBehind(_:payload:sent:at:)``) and gets a cursor; the driver asks for its writes (``nextWrite()``) once its
/// socket is writable again. Nothing is ever queued for a client.
///
/// `Channel` is the driver's way to reach a client: a socket, a TLS session.
package final class DeliveryStream<Channel> {
  /// A write to a client that lags.
  package struct Write {
    /// The client's slot.
    package let slot: Int32
    /// The client's channel.
    package let channel: Channel
    /// The array to write from.
    package let bytes: [UInt8]
    /// The index of the first byte to write.
    package let start: Int
  }

  /// The subscription of these clients.
  package let kind: StreamKind
  /// The framing of the bodies: each write of new bytes is a piece of its own.
  let framing: BodyFraming
  let renderSum: ([ScoreGrowth], EventID?) -> [UInt8]
  var log: StreamLog
  let lagMaximum: Duration

  private var inStep = ClientsInStep<Channel>()
  /// The present flush; nil once it has reached every client in step.
  private(set) var flush: StreamFlush?
  var laggards: [Int32: SlowClient] = [:]
  var writable: [Int32] = []
  /// The last entry with which another history began.
  private(set) var resetSequence: UInt64?
  /// The sequence number up to which the clients in step have been served.
  private(set) var flushedSequence: UInt64 = 0

  /// The least time between two flushes. Entries that arrive in between are summed, exactly.
  package var interval: Duration
  /// When the next flush is due at the earliest.
  package private(set) var nextFlushAt: Instant

  /// When the hub flushed the oldest waiting entry, if the driver knows; for latency measurements.
  package var hubFlushedAt: Instant?
  /// Whether it is handled at the end of this turn.
  var isScheduled = false
  /// The delivery counts of this stream.
  package internal(set) var counters = DeliveryCounters()
  /// When the last entry or comment was added.
  package private(set) var lastEntryAt: Instant

  /// - Parameters:
  ///   - lagMaximum: how long a client may take no byte, and how far behind a client of `eps` may be.
  ///   - bufferMaximum: how many bytes of entries are kept for clients that lag.
  ///   - framing: the framing of all clients' bodies.
  ///   - renderSum: renders one `eps` event from growth and, in an identified stream, the place that it reaches.
  package init(
    kind: StreamKind, lagMaximum: Duration, bufferMaximum: Int, framing: BodyFraming = .untilClose,
    now: Instant,
    renderSum: @escaping ([ScoreGrowth], EventID?) -> [UInt8]
  ) {
    self.kind = kind
    self.lagMaximum = lagMaximum
    self.framing = framing
    self.renderSum = renderSum
    log = StreamLog(maximumAge: lagMaximum, maximumBytes: bufferMaximum)
    interval = kind.interval
    lastEntryAt = now
    nextFlushAt = now
  }

  /// The channels of the clients in step; same order as ``slots``.
  package var channels: [Channel] { inStep.channels }
  /// The clients in step.
  package var slots: [Int32] { inStep.slots }
  /// The number of clients, in step or not.
  package var clientCount: Int { slots.count + laggards.count }
  /// The number of clients that lag.
  package var laggardCount: Int { laggards.count }
  /// Whether every entry has been flushed.
  package var isFlushed: Bool { flushedSequence == log.endSequence }

  // MARK: Clients

  /// Adds a client that starts with the next entry.
  package func join(_ slot: Int32, channel: Channel, at now: Instant) {
    if isFlushed { return joinStep(slot, channel) }
    // Entries that wait for the next flush are not for this client: it starts after them.
    joinLagging(slot, channel: channel, pending: [], sent: 0, at: now)
    becameWritable(slot)
  }

  /// Adds a client that starts with the next entry, and whose socket did not accept all of its first bytes.
  ///
  /// - Parameters:
  ///   - pending: its first bytes, of which `sent` were accepted.
  ///   - following: bytes after those, from an index on. They are retained, not copied.
  package func joinLagging(
    _ slot: Int32, channel: Channel, pending: [UInt8], sent: Int, following: SharedBytes? = nil,
    from start: Int = 0, at now: Instant
  ) {
    laggards[slot] = SlowClient(
      channel: channel, pending: pending, sent: sent, following: following, followingStart: start,
      sequence: log.endSequence,
      eventsBefore: log.eventsBefore(log.endSequence), progressAt: now)
  }

  func joinStep(_ slot: Int32, _ channel: Channel) { inStep.join(slot, channel) }

  /// Removes a client.
  package func leave(_ slot: Int32) {
    if laggards.removeValue(forKey: slot) == nil { inStep.leave(slot) }
  }

  /// The bytes of the present flush, if it has not reached a client yet.
  func unreachedPayload(of slot: Int32) -> [UInt8] {
    inStep.isUnreached(slot) ? flush?.payload ?? [] : []
  }

  /// The socket of a client has room again.
  ///
  /// - Returns: whether there is something to write to it now.
  @discardableResult
  package func becameWritable(_ slot: Int32) -> Bool {
    guard var laggard = laggards[slot] else { return false }
    if !laggard.isWritable {
      laggard.isWritable = true
      laggards[slot] = laggard
      writable.append(slot)
    }
    return isFlushed || !laggard.isReadyForMore
  }

  // MARK: In step

  /// Appends an entry. Clients get it at the end of the turn.
  package func append(_ entry: StreamEntry, at now: Instant) {
    if entry.isReset { resetSequence = log.endSequence }
    log.append(entry, at: now)
    lastEntryAt = now
  }

  /// Whether there are new entries, and a flush is due.
  package func isDue(at now: Instant) -> Bool { !isFlushed && nextFlushAt <= now && flush == nil }

  /// A turn ended for which the stream was scheduled.
  ///
  /// - Returns: the bytes for the clients in step, if a flush is due.
  package func turnEnded(at now: Instant) -> [UInt8]? {
    isScheduled = false
    return isDue(at: now) ? takeFlush(at: now) : nil
  }

  /// Begins a flush, which has reached no client.
  func begin(_ payload: [UInt8]) {
    flush = StreamFlush(payload: payload, hubFlushedAt: hubFlushedAt)
    inStep.beginFlush()
  }

  /// Takes some of the clients that the present flush has not reached.
  ///
  /// - Returns: their places in ``channels`` and ``slots``; empty if there are no more.
  func takeSlice(atMost count: Int) -> Range<Int> { inStep.takeSlice(atMost: count) }

  /// A slice of the present flush was written.
  ///
  /// - Returns: the flush, if it has reached every client.
  func wroteSlice(in duration: Duration) -> StreamFlush? {
    flush?.duration += duration
    guard inStep.unreachedCount == 0 else { return nil }
    defer { flush = nil }
    return flush
  }

  /// Takes the entries that the clients in step have not been sent: one entry unchanged, several as one.
  package func takeFlush(at now: Instant) -> [UInt8]? {
    let range = flushedSequence..<log.endSequence
    if !range.isEmpty {
      // A slightly late flush does not delay the next one, so the rate holds. After a pause the interval starts over.
      let isLate = nextFlushAt.duration(to: now) > interval / 2
      nextFlushAt = (isLate ? now : nextFlushAt).advanced(by: interval)
    }
    flushedSequence = log.endSequence
    guard !range.isEmpty, !slots.isEmpty else { return nil }
    if planted(.flushDropped), flushedSequence.isMultiple(of: 64) { return nil }
    let recipients = UInt64(slots.count)
    if range.count == 1 {
      let entry = log[range.lowerBound]
      counters.eventsSent += UInt64(entry.eventCount) * recipients
      let isRepeated = planted(.flushRepeated) && flushedSequence.isMultiple(of: 64)
      return framing.framed(isRepeated ? entry.bytes + entry.bytes : entry.bytes)
    }
    let events = range.reduce(UInt64(0)) { $0 + UInt64(log[$1].eventCount) }
    switch kind.lagPolicy {
    case .skip:
      counters.eventsSent += events * recipients
      return framing.framed(concatenated(range))
    case .sum:
      counters.eventsSummed += events * recipients
      return framing.framed(summed(range))
    }
  }

  /// A client in step accepted only `sent` bytes of the last payload.
  package func fellBehind(_ slot: Int32, payload: [UInt8], sent: Int, at now: Instant) {
    guard let channel = inStep.channel(of: slot) else { return }
    laggards[slot] = SlowClient(
      channel: channel, pending: payload,
      sent: planted(.cursorMisplaced) && sent < payload.count ? sent + 1 : sent, sequence: flushedSequence,
      eventsBefore: log.eventsBefore(flushedSequence), progressAt: now)
    laggards[slot]?.since = now
    inStep.leave(slot)
  }

  /// Ends the turn: keeps only the entries that lagging clients may still need.
  package func trim(at now: Instant) {
    if laggards.isEmpty {
      log.drop(before: flushedSequence)
    } else {
      log.trim(before: flushedSequence, at: now)
    }
  }
}
