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
    /// Answer the edges that asked for it, before anything else: the list is exact at this very place in the stream.
    case tell(TweetList)
    /// Tell everybody that messages come, or do not. Comes only when it is news; each end of a connection that may have brought
    /// something is.
    case changeState(FeedState)
    /// Tell the operator. A refusal is told once, until it is granted or its words change.
    case notify(FeedNotice)
  }

  /// Where it is. What a session knows is part of it, so that nothing of that outlives an interruption.
  enum Phase {
    case stopped
    case waiting(until: Instant)
    case running(FeedSession)
  }

  /// Whether Redis has the sorted set of totals.
  enum ScoreSet: Equatable {
    case present
    /// The last fence found none. Messages that come all the same are counted by nothing; the first of them came then.
    case absent(uncountedSince: Instant?)
  }

  let configuration: FeedConfiguration
  let classifier: FeedClassifier
  private var phase = Phase.stopped
  var backoff: Backoff
  /// What everybody was told last; nil where the next state is news, whatever it is.
  private(set) var status: FeedState?
  /// Why a transaction could not be ended, so that none is begun; nil if that is possible.
  var transactionRefusal: FeedRefusal?
  /// What Redis refused when it was asked last, over all connections.
  public internal(set) var refusals: [FeedFeature: FeedRefusal] = [:]
  /// What we told other hubs last, so that we know it when it comes back.
  var lastAnnouncement: [UInt8] = []
  /// What the last fence found.
  var scoreSet = ScoreSet.present
  /// The edges of which Redis was told something.
  var writtenNodes: Set<NodeName> = []

  /// A machine that has not started.
  public init(configuration: FeedConfiguration) {
    self.configuration = configuration
    classifier = FeedClassifier(names: configuration.names)
    backoff = Backoff(
      minimum: configuration.timing.reconnectMinimum, maximum: configuration.timing.reconnectMaximum)
  }

  /// What is known of the connections; nil while there are none. What is written to it while there are none is lost.
  var session: FeedSession? {
    get { if case .running(let session) = phase { session } else { nil } }
    _modify {
      guard case .running(let running) = phase else {
        var nothing: FeedSession?
        yield &nothing
        return
      }
      // Taken out, so that the session is changed in place.
      phase = .stopped
      var session = Optional(consume running)
      yield &session
      guard let session else { preconditionFailure("a session ends by an interruption") }
      phase = .running(session)
    }
  }

  /// Whether messages come, and it is known what the totals are worth.
  var isLive: Bool { if case .running(let session) = phase { session.stage == .live } else { false } }

  /// The moment for the next ``timerTriggered(now:using:)``; nil if nothing is awaited.
  ///
  /// A message can only postpone it: after one, a driver need not ask again until its timer has fired.
  public var deadline: Instant? {
    switch phase {
    case .stopped: nil
    case .waiting(let until): until
    case .running(let session):
      switch session.stage {
      case .preparing(let until): until
      case .fencing, .live:
        [
          session.fenceDeadline ?? session.probeDeadline ?? probeTime(session),
          session.fenceDeadline == nil ? session.nextFence : nil, session.tweetsDeadline, retryTime,
        ].compactMap(\.self).min()
      }
    }
  }

  /// When to probe if nothing comes until then.
  func probeTime(_ session: FeedSession) -> Instant {
    session.lastHeard.advanced(by: configuration.timing.probeAfter)
  }

  // MARK: Connections

  /// The hub is up: connect.
  public mutating func start(now: Instant) -> [Action] {
    guard case .stopped = phase else { preconditionFailure("started twice") }
    return connect()
  }

  /// A connection is made (with TLS, its handshake too).
  public mutating func connectionEstablished(_ connection: FeedConnection, now: Instant) -> [Action] {
    guard let session, case .preparing = session.stage, !session[connection].isEstablished else { return [] }
    let commands = greeting(connection)
    let until = now.advanced(by: configuration.timing.setupTimeout)
    self.session?.established(connection, awaiting: commands.map(\.request), until: until, now: now)
    return [.send(connection, commands.map(\.command))]
  }

  /// A connection could not be made, or ended.
  ///
  /// - Parameter reason: words for the operator, such as `connection refused`.
  public mutating func connectionClosed(
    _ connection: FeedConnection, reason: String, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard case .running = phase else { return [] }
    return interrupt(.connectionClosed(connection, reason: reason), now: now, using: &random)
  }

  /// Time has passed.
  public mutating func timerTriggered(now: Instant, using random: inout some RandomNumberGenerator)
    -> [Action]
  {
    switch phase {
    case .stopped: return []
    case .waiting(let until): return until <= now ? connect() : []
    case .running(let session):
      guard case .preparing(let until) = session.stage else {
        return checkFlow(session, now: now, using: &random)
      }
      guard let until, until <= now else { return [] }
      return interrupt(.setupTimedOut, now: now, using: &random)
    }
  }

  /// Nobody could say where to connect to.
  ///
  /// - Parameter reason: a sentence for the operator.
  public mutating func masterUnknown(
    reason: String, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard case .preparing = session?.stage else { return [] }
    return interrupt(.masterUnknown(reason: reason), now: now, using: &random)
  }

  /// Another server is the master now: leaves this one and connects at once, even if it was waiting for that.
  public mutating func masterMoved(
    to address: HostPort, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    var actions: [Action] = []
    switch phase {
    case .stopped: return []
    case .waiting: break
    case .running: actions = interrupt(.masterMoved(to: address), now: now, using: &random)
    }
    backoff.reset()
    phase = .waiting(until: now)
    return actions
  }

  private mutating func connect() -> [Action] {
    phase = .running(FeedSession(names: configuration.names))
    return [.connect]
  }

  /// Leaves both connections, and with them all that is known of the session, and waits before making them again.
  mutating func interrupt(
    _ interruption: FeedInterruption, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard case .running(var session) = phase else { return [] }
    phase = .waiting(until: now.advanced(by: backoff.next(using: &random)))
    // What came since the last break has no place yet: this is another one, whatever the reason is.
    if session.mayHaveBrought { status = nil }
    return [.disconnect] + session.tweets.cancel().map(Action.tell) + changeState(.interrupted(interruption))
  }

  mutating func changeState(_ new: FeedState) -> [Action] {
    guard status != new else { return [] }
    status = new
    return [.changeState(new)]
  }
}
