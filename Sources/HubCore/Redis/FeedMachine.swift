import Primitives

/// The life of the hub's two connections to Redis, as a pure state machine.
///
/// ```
///            start                     both are made,               totals, or why
///  stopped ────────► preparing ──────── logged in, ──────► fencing ── there are none ──► live
///                     ▲    │            subscribed           │                            │
///     the wait is over│    │ a connection ended, a time-out, │ a refusal, silence         │
///                     │    ▼                                 ▼                            ▼
///                    waiting ◄────────────────────────────────────────────────────────────┘
/// ```
///
/// A driver owns the sockets. It performs the ``Action``s in order, tells the machine what happened, and calls
/// ``timerTriggered(now:using:)`` at ``deadline`` (or at any other time, which does no harm). After
/// ``Action/disconnect`` it must not hand over anything that the old connections still bring.
///
/// Every increment is passed on as soon as the subscription brings it, also while preparing and fencing. The totals of
/// a fence then say what the truth is at that place in the stream: see ``Fence``.
public struct FeedMachine: Sendable {
  /// What the driver is to do.
  public enum Action: Equatable, Sendable {
    /// Open both connections, from an empty state.
    case connect
    /// Close both connections, or stop opening them.
    case disconnect
    /// Send commands on a connection.
    case send(FeedConnection, [FeedCommand])
    /// Let the table of scores grow to these totals, before it hears of any further message.
    case adopt(FenceTotals)
    /// Tell those who asked for it, before anything else: the list holds good at this very place in the stream.
    case tell(TweetList)
    /// Tell everybody that messages come, or do not. Comes only when it is news; each end of a connection that may have brought
    /// something is.
    case changeState(FeedState)
    /// Tell the operator. A refusal is told once, until it is granted or its words change.
    case notify(FeedNotice)
  }

  enum Phase: Equatable {
    case stopped
    case waiting(until: Instant)
    /// Without an end while neither connection is made: looking a name up and connecting have limits of their own, in the
    /// driver, and end in a connection that is closed.
    case preparing(until: Instant?)
    case fencing
    case live
  }

  /// What a reply is the answer to.
  enum Request: Equatable {
    case login(String)
    case nameClient
    case role
    case subscribe(FeedSubscription)
    /// A command of a fence.
    case fence(String)
    case probe
    case ping
    /// A command that reads lists of tweets.
    case tweets(String)
    case nodeStatus(String)
    /// The way out of a transaction that Redis did not end.
    case discard
    /// Whether a transaction could be ended.
    case transaction
    /// Whether Redis runs a script for us.
    case script
  }

  /// One of the two connections, and what was asked on it.
  struct Link {
    var isEstablished = false
    var requests = RingBuffer<Request>()
    var isReady: Bool { isEstablished && requests.isEmpty }
  }

  let configuration: FeedConfiguration
  let classifier: FeedClassifier
  var phase = Phase.stopped
  var subscription = Link()
  var command = Link()
  var fence: Fence
  var tweets: TweetLists
  var tweetsNonce = ""
  var backoff: Backoff
  var status: FeedState?
  var transaction = TransactionWatch()
  /// Why a transaction could not be ended, so that none is begun; nil if that is possible.
  var transactionRefusal: FeedRefusal?
  /// What Redis refused when it was asked last, over all connections.
  public internal(set) var refusals: [FeedFeature: FeedRefusal] = [:]
  /// What of that is not tried, until it is time to ask again.
  var deferred: Set<FeedFeature> = []
  /// When refused rights were asked for last.
  var lastRetry = Instant.origin

  /// Whether the subscription may have brought messages since the feed was interrupted last.
  var mayHaveBrought = false
  /// When the subscription last brought anything.
  var lastHeard = Instant.origin
  var probeDeadline: Instant?
  var fenceDeadline: Instant?
  var nextFence: Instant?
  /// Whether another fence is wanted that begins when this one has ended.
  var isFenceWanted = false
  /// When the last fence began.
  var fenceBegunAt = Instant.origin
  /// What we told other hubs last, so that we know it when it comes back.
  var lastAnnouncement: [UInt8] = []
  /// Whether the last fence found no sorted set.
  var isSetAbsent = false
  /// When the first message came that nothing counts, since the sorted set is absent; nil if none did.
  var uncountedSince: Instant?
  var tweetsDeadline: Instant?
  /// The lineage whose totals went backwards, until it has another name.
  var lineageToLeave: Lineage?
  /// The edges of which Redis was told something.
  var writtenNodes: Set<NodeName> = []

  /// A machine that has not started.
  public init(configuration: FeedConfiguration) {
    self.configuration = configuration
    classifier = FeedClassifier(names: configuration.names)
    fence = Fence(names: configuration.names)
    tweets = TweetLists(names: configuration.names)
    backoff = Backoff(
      minimum: configuration.timing.reconnectMinimum, maximum: configuration.timing.reconnectMaximum)
  }

  /// The moment for the next ``timerTriggered(now:using:)``; nil if nothing is awaited.
  ///
  /// A message can only postpone it: after one, a driver need not ask again until its timer has fired.
  public var deadline: Instant? {
    switch phase {
    case .stopped: nil
    case .waiting(let until): until
    case .preparing(let until): until
    case .fencing, .live:
      [
        fenceDeadline ?? probeDeadline ?? probeTime, fenceDeadline == nil ? nextFence : nil, tweetsDeadline,
        retryTime,
      ].compactMap(\.self).min()
    }
  }

  /// When to probe if nothing comes until then.
  var probeTime: Instant { lastHeard.advanced(by: configuration.timing.probeAfter) }

  // MARK: Connections

  /// The hub is up: connect.
  public mutating func start(now: Instant) -> [Action] {
    precondition(phase == .stopped, "started twice")
    return connect()
  }

  /// A connection is made (with TLS, its handshake too).
  public mutating func connectionEstablished(_ connection: FeedConnection, now: Instant) -> [Action] {
    guard case .preparing = phase, !self[connection].isEstablished else { return [] }
    self[connection].isEstablished = true
    phase = .preparing(until: now.advanced(by: configuration.timing.setupTimeout))
    lastHeard = now
    return [.send(connection, greet(connection))]
  }

  /// A connection could not be made, or ended.
  ///
  /// - Parameter reason: words for the operator, such as `connection refused`.
  public mutating func connectionClosed(
    _ connection: FeedConnection, reason: String, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    switch phase {
    case .stopped, .waiting: []
    case .preparing, .fencing, .live:
      interrupt(.connectionClosed(connection, reason: reason), now: now, using: &random)
    }
  }

  /// Time has passed.
  public mutating func timerTriggered(now: Instant, using random: inout some RandomNumberGenerator)
    -> [Action]
  {
    switch phase {
    case .stopped: []
    case .waiting(let until): until <= now ? connect() : []
    case .preparing(let until?) where until <= now: interrupt(.setupTimedOut, now: now, using: &random)
    case .preparing: []
    case .fencing, .live: checkFlow(now: now, using: &random)
    }
  }

  /// Nobody could say where to connect to.
  ///
  /// - Parameter reason: a sentence for the operator.
  public mutating func masterUnknown(
    reason: String, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard case .preparing = phase else { return [] }
    return interrupt(.masterUnknown(reason: reason), now: now, using: &random)
  }

  /// Another server is the master now: leaves this one and connects at once, even if it was waiting for that.
  public mutating func masterMoved(
    to address: HostPort, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard phase != .stopped else { return [] }
    var actions: [Action] = []
    if case .waiting = phase {
    } else {
      actions = interrupt(.masterMoved(to: address), now: now, using: &random)
    }
    backoff.reset()
    phase = .waiting(until: now)
    return actions
  }

  private mutating func connect() -> [Action] {
    phase = .preparing(until: nil)
    return [.connect]
  }

  /// Leaves both connections and waits before making them again.
  mutating func interrupt(
    _ interruption: FeedInterruption, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    // What came since the last break has no place yet: this is another one, whatever the reason is.
    if mayHaveBrought { status = nil }
    mayHaveBrought = false
    phase = .waiting(until: now.advanced(by: backoff.next(using: &random)))
    subscription = Link()
    command = Link()
    fence.cancel()
    probeDeadline = nil
    fenceDeadline = nil
    nextFence = nil
    isFenceWanted = false
    tweetsDeadline = nil
    lineageToLeave = nil
    transaction = TransactionWatch()
    deferred = []
    return [.disconnect] + tweets.cancel().map(Action.tell) + changeState(.interrupted(interruption))
  }

  mutating func changeState(_ new: FeedState) -> [Action] {
    guard status != new else { return [] }
    status = new
    return [.changeState(new)]
  }

  subscript(connection: FeedConnection) -> Link {
    get { connection == .subscription ? subscription : command }
    set { if connection == .subscription { subscription = newValue } else { command = newValue } }
  }
}
