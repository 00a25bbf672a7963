public import Primitives

/// One stream on one worker: its log, the clients that are in step with it, and those that lag.
///
/// A client in step has no state here beyond its place in two arrays. At the end of a turn the driver takes what is
/// new (``takeFlush()``) and writes the same bytes to every one of them. Whom the kernel does not take them from
/// whole falls behind (``fellBehind(_:sent:at:)``) and gets a cursor; the driver asks for its writes
/// (``nextWrite()``) once its socket is writable again. Nothing is ever queued for a client.
public final class DeliveryStream {
  /// Where a client that lags stands.
  struct Laggard {
    let descriptor: Int32
    /// What it is being sent: the rest of an entry that it was cut in, or a sum made for it.
    var pending: [UInt8]
    var sent: Int
    /// The entry that follows what is pending.
    var sequence: UInt64
    /// How many events came before that entry.
    var eventsBefore: UInt64
    /// When it last took a byte.
    var progressAt: Instant
    var isWritable = false
  }

  /// What is to be written to a client that lags.
  public struct Write: Equatable {
    /// The client.
    public let slot: Int32
    /// Its socket.
    public let descriptor: Int32
    /// What it is being sent.
    public let bytes: [UInt8]
    /// From where on.
    public let start: Int
  }

  /// What the stream did so far.
  public struct Counters: Equatable, Sendable {
    /// Events that clients got as they were.
    public var eventsSent: UInt64 = 0
    /// Events that clients got as part of a sum.
    public var eventsSummed: UInt64 = 0
    /// Events that clients did not get, because they lagged too far.
    public var eventsSkipped: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// Adds what another stream did.
    public mutating func add(_ other: Counters) {
      eventsSent += other.eventsSent
      eventsSummed += other.eventsSummed
      eventsSkipped += other.eventsSkipped
    }
  }

  /// What is subscribed to.
  public let key: StreamKind
  let renderSum: ([ScoreGrowth]) -> [UInt8]
  var log: StreamLog
  let lagMaximum: Duration

  /// The sockets of the clients in step; the same places as ``slots``.
  public private(set) var descriptors: [Int32] = []
  /// The clients in step.
  public private(set) var slots: [Int32] = []
  private var places: [Int32: Int] = [:]
  var laggards: [Int32: Laggard] = [:]
  var writable: [Int32] = []
  /// Up to which entry the clients in step have been served.
  private(set) var flushedSequence: UInt64 = 0

  /// Whether it is among those that the driver looks after at the end of the turn.
  public var isScheduled = false
  /// What was delivered.
  public internal(set) var counters = Counters()
  /// When the last entry came, or the last comment.
  public private(set) var lastEntryAt: Instant

  /// - Parameters:
  ///   - lagMaximum: how long a client may take nothing, and how far behind one of `eps` may be.
  ///   - bufferMaximum: how many bytes of entries are kept for clients that lag.
  ///   - renderSum: renders one `eps` event from a growth.
  public init(
    key: StreamKind, lagMaximum: Duration, bufferMaximum: Int, now: Instant,
    renderSum: @escaping ([ScoreGrowth]) -> [UInt8]
  ) {
    self.key = key
    self.lagMaximum = lagMaximum
    self.renderSum = renderSum
    // Sums stay exact for as long as the promise says, raw events are worth little after a second or two.
    log = StreamLog(maximumAge: lagMaximum, maximumBytes: key.lagPolicy == .sum ? .max : bufferMaximum)
    lastEntryAt = now
  }

  /// How many clients there are, in step or not.
  public var clientCount: Int { slots.count + laggards.count }
  /// How many clients lag.
  public var laggardCount: Int { laggards.count }
  /// Whether there is something to do at the end of the turn.
  public var needsService: Bool { flushedSequence < log.endSequence || !writable.isEmpty }

  // MARK: Clients

  /// Adds a client that starts with the next entry.
  public func join(_ slot: Int32, descriptor: Int32) {
    places[slot] = slots.count
    slots.append(slot)
    descriptors.append(descriptor)
  }

  /// Adds a client whose socket did not take the whole of its response head.
  public func joinLagging(_ slot: Int32, descriptor: Int32, pending: [UInt8], sent: Int, at now: Instant) {
    laggards[slot] = Laggard(
      descriptor: descriptor, pending: pending, sent: sent, sequence: log.endSequence,
      eventsBefore: log.eventsBefore(log.endSequence), progressAt: now)
  }

  /// Takes a client out.
  public func leave(_ slot: Int32) {
    if laggards.removeValue(forKey: slot) != nil { return }
    removeFromStep(slot)
  }

  private func removeFromStep(_ slot: Int32) {
    guard let place = places.removeValue(forKey: slot) else { return }
    let lastSlot = slots.removeLast()
    let lastDescriptor = descriptors.removeLast()
    if place < slots.count {
      slots[place] = lastSlot
      descriptors[place] = lastDescriptor
      places[lastSlot] = place
    }
  }

  /// The socket of a client has room again.
  public func becameWritable(_ slot: Int32) {
    guard laggards[slot]?.isWritable == false else { return }
    laggards[slot]?.isWritable = true
    writable.append(slot)
  }

  // MARK: In step

  /// Adds an entry behind the others. Clients get it at the end of the turn.
  public func append(_ entry: StreamEntry, at now: Instant) {
    log.append(entry, at: now)
    lastEntryAt = now
  }

  /// Takes what the clients in step have not been sent: one entry as it is, several as one.
  public func takeFlush() -> [UInt8]? {
    let range = flushedSequence..<log.endSequence
    flushedSequence = log.endSequence
    guard !range.isEmpty, !slots.isEmpty else { return nil }
    let recipients = UInt64(slots.count)
    if range.count == 1 {
      let entry = log[range.lowerBound]
      counters.eventsSent += UInt64(entry.eventCount) * recipients
      return entry.bytes
    }
    let events = range.reduce(UInt64(0)) { $0 + UInt64(log[$1].eventCount) }
    switch key.lagPolicy {
    case .skip:
      counters.eventsSent += events * recipients
      return concatenated(range)
    case .sum:
      counters.eventsSummed += events * recipients
      var sum = GrowthSum()
      for sequence in range { sum.add(log[sequence].growth) }
      return render(sum)
    }
  }

  /// A client in step was sent only so many bytes of the payload that was last taken.
  public func fellBehind(_ slot: Int32, payload: [UInt8], sent: Int, at now: Instant) {
    guard let place = places[slot] else { return }
    laggards[slot] = Laggard(
      descriptor: descriptors[place], pending: payload, sent: sent, sequence: flushedSequence,
      eventsBefore: log.eventsBefore(flushedSequence), progressAt: now)
    removeFromStep(slot)
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
