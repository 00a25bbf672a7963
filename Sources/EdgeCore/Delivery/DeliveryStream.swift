public import HTTP
public import Primitives

/// One stream on one worker: its log, the clients that are in step with it, and those that lag.
///
/// A client in step has no state here beyond its place in two arrays. When the stream is due the driver takes what is
/// new (``turnEnded(at:)``) and writes the same bytes to every one of them. Whom the kernel does not take them from
/// whole falls behind (``fellBehind(_:payload:sent:at:)``) and gets a cursor; the driver asks for its writes
/// (``nextWrite()``) once its socket is writable again. Nothing is ever queued for a client.
///
/// `Channel` is how the driver reaches a client: a socket, a TLS session.
public final class DeliveryStream<Channel> {
  /// Where a client that lags stands.
  struct Laggard {
    let channel: Channel
    /// What it is being sent: the rest of an entry that it was cut in, or a sum made for it.
    var pending: [UInt8]
    var sent: Int
    /// What it is sent behind that, from an index on: the rest of a long opening, which many share.
    var following: SharedBytes?
    var followingStart = 0
    /// What is pending, if it is such a rest.
    var shared: SharedBytes?
    /// The entry that follows what is pending.
    var sequence: UInt64
    /// How many events came before that entry.
    var eventsBefore: UInt64
    /// When it last took a byte.
    var progressAt: Instant
    var isWritable = false
    /// Since when it lags; nil for one that has come just now.
    var since: Instant?

    /// Whether there are bytes that it is to have before anything new.
    var isCut: Bool { sent < pending.count || following != nil }
    /// Whether it has had all that was pending, and could take more.
    var isHungry: Bool { isWritable && !isCut }
  }

  /// What is to be written to a client that lags.
  public struct Write {
    /// The client.
    public let slot: Int32
    /// How to reach it.
    public let channel: Channel
    /// What it is being sent.
    public let bytes: [UInt8]
    /// From where on.
    public let start: Int
  }

  /// What is subscribed to.
  public let kind: StreamKind
  /// What is written to the clients is framed so, each time as a piece of its own.
  let framing: BodyFraming
  let renderSum: ([ScoreGrowth], EventID?) -> [UInt8]
  var log: StreamLog
  let lagMaximum: Duration

  /// How to reach the clients in step; the same places as ``slots``.
  public private(set) var channels: [Channel] = []
  /// The clients in step.
  public private(set) var slots: [Int32] = []
  private var places: [Int32: Int] = [:]
  var laggards: [Int32: Laggard] = [:]
  var writable: [Int32] = []
  /// The last entry with which another history began.
  private(set) var resetSequence: UInt64?
  /// Up to which entry the clients in step have been served.
  private(set) var flushedSequence: UInt64 = 0

  /// How long after a flush the next one is due, at the least. What comes in between is summed, exactly.
  public var interval: Duration
  /// From when on the next flush is due.
  public private(set) var nextFlushAt: Instant

  /// When the hub flushed the oldest of what waits to be flushed, if the driver knows; for its measurements.
  public var hubFlushedAt: Instant?
  /// Whether it is among those that are looked after at the end of the turn.
  var isScheduled = false
  /// What was delivered.
  public internal(set) var counters = DeliveryCounters()
  /// When the last entry came, or the last comment.
  public private(set) var lastEntryAt: Instant

  /// - Parameters:
  ///   - lagMaximum: how long a client may take nothing, and how far behind one of `eps` may be.
  ///   - bufferMaximum: how many bytes of entries are kept for clients that lag.
  ///   - framing: how the clients' bodies are framed; all of them in the same way.
  ///   - renderSum: renders one `eps` event from a growth and, in an identified stream, the place reached with it.
  public init(
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

  /// How many clients there are, in step or not.
  public var clientCount: Int { slots.count + laggards.count }
  /// How many clients lag.
  public var laggardCount: Int { laggards.count }
  /// Whether all that came was taken by a flush.
  public var isFlushed: Bool { flushedSequence == log.endSequence }

  // MARK: Clients

  /// Adds a client that starts with the next entry.
  public func join(_ slot: Int32, channel: Channel, at now: Instant) {
    if isFlushed { return joinStep(slot, channel) }
    // What waits for the next flush is not for it: it stands behind that.
    joinLagging(slot, channel: channel, pending: [], sent: 0, at: now)
    becameWritable(slot)
  }

  /// Adds a client that starts with the next entry, and whose socket did not take the whole of its first bytes.
  ///
  /// - Parameters:
  ///   - pending: bytes of which it took so many.
  ///   - following: what it gets behind them, from an index on. It is kept, and not copied.
  public func joinLagging(
    _ slot: Int32, channel: Channel, pending: [UInt8], sent: Int, following: SharedBytes? = nil,
    from start: Int = 0, at now: Instant
  ) {
    laggards[slot] = Laggard(
      channel: channel, pending: pending, sent: sent, following: following, followingStart: start,
      sequence: log.endSequence,
      eventsBefore: log.eventsBefore(log.endSequence), progressAt: now)
  }

  func joinStep(_ slot: Int32, _ channel: Channel) {
    places[slot] = slots.count
    slots.append(slot)
    channels.append(channel)
  }

  /// Takes a client out.
  public func leave(_ slot: Int32) {
    if laggards.removeValue(forKey: slot) != nil { return }
    leaveStep(slot)
  }

  private func leaveStep(_ slot: Int32) {
    guard let place = places.removeValue(forKey: slot) else { return }
    let lastSlot = slots.removeLast()
    let lastChannel = channels.removeLast()
    if place < slots.count {
      slots[place] = lastSlot
      channels[place] = lastChannel
      places[lastSlot] = place
    }
  }

  /// The socket of a client has room again.
  ///
  /// - Returns: whether there is something to write to it now.
  @discardableResult
  public func becameWritable(_ slot: Int32) -> Bool {
    guard var laggard = laggards[slot] else { return false }
    if !laggard.isWritable {
      laggard.isWritable = true
      laggards[slot] = laggard
      writable.append(slot)
    }
    return isFlushed || !laggard.isHungry
  }

  // MARK: In step

  /// Adds an entry behind the others. Clients get it at the end of the turn.
  public func append(_ entry: StreamEntry, at now: Instant) {
    if entry.isReset { resetSequence = log.endSequence }
    log.append(entry, at: now)
    lastEntryAt = now
  }

  /// Whether there is something new, and it is time for it.
  public func isDue(at now: Instant) -> Bool { !isFlushed && nextFlushAt <= now }

  /// A turn ended for which it was scheduled.
  ///
  /// - Returns: what the clients in step are to be sent, if it is time for it.
  public func turnEnded(at now: Instant) -> [UInt8]? {
    isScheduled = false
    return isDue(at: now) ? takeFlush(at: now) : nil
  }

  /// Takes what the clients in step have not been sent: one entry as it is, several as one.
  public func takeFlush(at now: Instant) -> [UInt8]? {
    let range = flushedSequence..<log.endSequence
    if !range.isEmpty {
      // A little late, the next one is not: so the rate holds. After a pause it starts anew.
      let isLate = nextFlushAt.duration(to: now) > interval / 2
      nextFlushAt = (isLate ? now : nextFlushAt).advanced(by: interval)
    }
    flushedSequence = log.endSequence
    guard !range.isEmpty, !slots.isEmpty else { return nil }
    let recipients = UInt64(slots.count)
    if range.count == 1 {
      let entry = log[range.lowerBound]
      counters.eventsSent += UInt64(entry.eventCount) * recipients
      return framing.framed(entry.bytes)
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

  /// A client in step was sent only so many bytes of the payload that was last taken.
  public func fellBehind(_ slot: Int32, payload: [UInt8], sent: Int, at now: Instant) {
    guard let place = places[slot] else { return }
    laggards[slot] = Laggard(
      channel: channels[place], pending: payload, sent: sent, sequence: flushedSequence,
      eventsBefore: log.eventsBefore(flushedSequence), progressAt: now)
    laggards[slot]?.since = now
    leaveStep(slot)
  }

  /// Ends the turn: keeps of the log what clients that lag may still need.
  public func trim(at now: Instant) {
    if laggards.isEmpty {
      log.drop(before: flushedSequence)
    } else {
      log.trim(before: flushedSequence, at: now)
    }
  }
}
