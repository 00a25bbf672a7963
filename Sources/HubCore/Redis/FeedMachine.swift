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
/// A driver owns the sockets. It performs the ``Action``s in order, reports what happened, and calls
/// ``timerTriggered(now:using:)`` at ``deadline`` (an earlier or later call does no harm). After
/// ``Action/disconnect`` it must not report anything from the old connections.
///
/// Every increment is delivered as soon as the subscription receives it, also while preparing and fencing. The totals
/// of a fence then give the truth at that place in the stream: see ``Fence``.
package struct FeedMachine: Sendable {
  /// What the driver does.
  package enum Action: Equatable, Sendable {
    /// Open both connections again.
    case connect
    /// Close both connections, or stop opening them.
    case disconnect
    /// Send commands on a connection.
    case send(FeedConnection, [FeedCommand])
    /// Raise the table of scores to these totals before it gets another message.
    case reconcile(FenceTotals)
    /// Answer the edges that asked for it, before anything else: the list is exact at this very place in the stream.
    case report(TweetList)
    /// Report whether messages arrive. This comes only when the state has changed, and at each end of a connection
    /// that may have received messages.
    case changeState(FeedState)
    /// Tell the operator. A refusal is reported once, until it is granted or its text changes.
    case notify(FeedNotice)
  }

  /// What a machine without a session does.
  enum Pause {
    case stopped
    case waiting(until: Instant)
  }

  /// Whether Redis has the sorted set of totals.
  enum ScoreSet: Equatable {
    case present
    /// The last fence found no set. If messages arrive nevertheless, Redis does not count them; the first of them
    /// arrived at this time.
    case absent(uncountedSince: Instant?)
  }

  let configuration: FeedConfiguration
  let classifier: FeedClassifier
  /// The present session, from an attempt to connect until an interruption; nil while there are no connections. Nothing known of a
  /// session outlives it. It is stored by itself, and not in a case of an enum, because each message changes it in place.
  var session: FeedSession?
  private var pause = Pause.stopped
  var backoff: Backoff
  /// The state that was reported last; nil if the next state must be reported in any case.
  private(set) var status: FeedState?
  /// Why a transaction could not be ended, so that none is begun; nil if transactions work.
  var transactionRefusal: FeedRefusal?
  /// What Redis refused at the last request, over all connections.
  package internal(set) var refusals: [FeedFeature: FeedRefusal] = [:]
  /// The last announcement to other hubs, so that this hub recognizes its own.
  var lastAnnouncement: [UInt8] = []
  /// Whether the last fence found the set.
  var scoreSet = ScoreSet.present
  /// The edges with an entry in Redis.
  var writtenNodes: Set<NodeName> = []

  /// A machine that has not started.
  package init(configuration: FeedConfiguration) {
    self.configuration = configuration
    classifier = FeedClassifier(names: configuration.names)
    backoff = Backoff(
      minimum: configuration.timing.reconnectMinimum, maximum: configuration.timing.reconnectMaximum)
  }

  /// Whether messages arrive and the state of the totals is known.
  var isLive: Bool { session?.stage == .live }

  /// When to call ``timerTriggered(now:using:)`` next; nil if no deadline is set.
  ///
  /// A message can only postpone the deadline, so a driver need not read it again before its timer has fired.
  package var deadline: Instant? {
    guard let session else {
      return if case .waiting(let until) = pause { until } else { nil }
    }
    return switch session.stage {
    case .preparing(let until): until
    case .fencing, .live:
      [
        session.fenceDeadline ?? session.probeDeadline ?? probeTime(session),
        session.fenceDeadline == nil ? session.nextFence : nil, session.tweetsDeadline, retryTime,
      ].compactMap(\.self).min()
    }
  }

  /// When to probe the flow if nothing arrives before.
  func probeTime(_ session: FeedSession) -> Instant {
    session.lastHeard.advanced(by: configuration.timing.probeAfter)
  }

  // MARK: Connections

  /// The hub has started: connect.
  package mutating func start(now: Instant) -> [Action] {
    guard session == nil, case .stopped = pause else { preconditionFailure("started twice") }
    return connect()
  }

  /// A connection is established (with TLS, its handshake too).
  package mutating func connectionEstablished(_ connection: FeedConnection, now: Instant) -> [Action] {
    guard let session, case .preparing = session.stage, !session[connection].isEstablished else { return [] }
    let commands = greeting(connection)
    let until = now.advanced(by: configuration.timing.setupTimeout)
    self.session?.established(connection, awaiting: commands.map(\.request), until: until, now: now)
    return [.send(connection, commands.map(\.command))]
  }

  /// A connection could not be established, or ended.
  ///
  /// - Parameter reason: a text for the operator, such as `connection refused`.
  package mutating func connectionClosed(
    _ connection: FeedConnection, reason: String, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard session != nil else { return [] }
    return interrupt(.connectionClosed(connection, reason: reason), now: now, using: &random)
  }

  /// Time has passed.
  package mutating func timerTriggered(now: Instant, using random: inout some RandomNumberGenerator)
    -> [Action]
  {
    guard let session else {
      guard case .waiting(let until) = pause, until <= now else { return [] }
      return connect()
    }
    guard case .preparing(let until) = session.stage else {
      return checkFlow(session, now: now, using: &random)
    }
    guard let until, until <= now else { return [] }
    return interrupt(.setupTimedOut, now: now, using: &random)
  }

  /// The address of the master could not be found.
  ///
  /// - Parameter reason: a sentence for the operator.
  package mutating func masterUnknown(
    reason: String, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard case .preparing = session?.stage else { return [] }
    return interrupt(.masterUnknown(reason: reason), now: now, using: &random)
  }

  /// Another server has become the master: closes the connections and connects to it at once, even during a wait.
  package mutating func masterMoved(
    to address: HostPort, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    if session == nil, case .stopped = pause { return [] }
    let actions = interrupt(.masterMoved(to: address), now: now, using: &random)
    backoff.reset()
    pause = .waiting(until: now)
    return actions
  }

  private mutating func connect() -> [Action] {
    session = FeedSession(names: configuration.names)
    return [.connect]
  }

  /// Closes both connections, drops all knowledge of the session, and waits before reconnecting.
  mutating func interrupt(
    _ interruption: FeedInterruption, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard var ended = session else { return [] }
    session = nil
    pause = .waiting(until: now.advanced(by: backoff.next(using: &random)))
    // Messages since the last interruption have no place yet, so this is another one, even for the same reason.
    if ended.mayHaveBrought { status = nil }
    return [.disconnect] + ended.tweets.cancel().map(Action.report) + changeState(.interrupted(interruption))
  }

  mutating func changeState(_ new: FeedState) -> [Action] {
    guard status != new else { return [] }
    status = new
    return [.changeState(new)]
  }
}
