import PlantedFaults
import Primitives
import Wire

/// The edge's side of the link to one hub: when to connect, what to send, and when to give up (PROTOCOL.md).
///
/// ```
///  resting ──timer──► connecting ──opened──► greeting ──welcome──► live
///     ▲                   │                     │                    │
///     └───────────────────┴────── closed, silent, refused, goAway ───┘
/// ```
/// The link counts as up only after the welcome: with TLS 1.3, a client whose certificate is refused still sees its
/// handshake succeed.
package struct HubLink: Sendable {
  /// How long the hub may take to send its welcome.
  static let greetingLimit = Duration.seconds(5)
  /// After how many ping intervals without a byte the link counts as lost.
  static let silenceIntervals = 6
  /// After how many ping intervals without a byte the edge is no longer ready for clients.
  static let staleIntervals = 3
  /// The longest time until a hub notices that Redis is silent: 5 s of silence, and 5 s for a probe that is not
  /// answered.
  static let interruptionDelay = Duration.seconds(10)

  enum State: Equatable, Sendable {
    case resting(until: Instant)
    case connecting
    case greeting(deadline: Instant)
    case live(Live)
  }

  private let node: NodeName
  private let softwareVersion: SoftwareVersion
  private var backoff = Backoff(minimum: .milliseconds(100), maximum: .seconds(5))
  private(set) var state: State
  /// The least wait that the last goAway asked for.
  private var retryAfter = Duration.zero

  /// The hub that sent the last welcome.
  package private(set) var hub: NodeName?
  /// The round-trip time of the last ping.
  package private(set) var roundTrip: Duration?
  /// The version of the messages on this link.
  package private(set) var version = RelayProtocol.lowestVersion
  /// Until when clients are known to have received what Redis held. While the link is not fresh, that is the last
  /// flush or sign of life before. Nil if it never was fresh.
  package private(set) var freshUntil: Instant?
  /// The least time between two flushes of the hub, from its welcome.
  package private(set) var tickInterval = Duration.zero

  /// A link that connects at once.
  package init(node: NodeName, softwareVersion: SoftwareVersion, now: Instant) {
    self.node = node
    self.softwareVersion = softwareVersion
    state = .resting(until: now)
  }

  /// Whether the hub has sent its welcome.
  package var isLive: Bool { if case .live = state { true } else { false } }

  /// Whether the edge's totals are those of Redis: the link is heard, the totals are complete, and the hub itself
  /// hears from Redis.
  package func isFresh(at now: Instant) -> Bool {
    guard case .live(let live) = state else { return false }
    return planted(.silenceUnnoticed)
      || live.isPresent && now <= live.heardAt.advanced(by: live.pingInterval * Self.staleIntervals)
  }

  /// An interest is sent to the hub. The pong to this ping proves that the hub has received it.
  ///
  /// - Returns: the ping to send after the interest; nil if the link is not live.
  package mutating func interestSent(now: Instant) -> Ping? {
    guard case .live(var live) = state else { return nil }
    live.interestStamp = now.nanoseconds
    state = .live(live)
    return Ping(stamp: now.nanoseconds)
  }

  // MARK: Timer

  /// What the driver does at a deadline.
  package enum TimerAction: Equatable {
    case none
    case connect
    /// Sends a ping, and a report if one is due.
    case send(Ping?, reportIsDue: Bool)
    case disconnect(because: String)
  }

  /// When to call ``timerTriggered(now:)`` next.
  package var deadline: Instant? {
    switch state {
    case .resting(let until): until
    case .connecting: nil
    case .greeting(let deadline): deadline
    case .live(let live): min(live.nextPingAt, live.nextReportAt)
    }
  }

  /// The deadline has been reached.
  package mutating func timerTriggered(now: Instant) -> TimerAction {
    switch state {
    case .resting(let until) where until <= now:
      state = .connecting
      return .connect
    case .greeting(let deadline) where deadline <= now:
      return .disconnect(because: "the hub did not welcome us in time")
    case .live(var live):
      if live.heardAt.advanced(by: live.pingInterval * Self.silenceIntervals) <= now {
        return .disconnect(because: "the hub has been silent for too long")
      }
      var ping: Ping?
      if live.nextPingAt <= now {
        ping = Ping(stamp: now.nanoseconds)
        live.nextPingAt = now.advanced(by: live.pingInterval)
      }
      let reportIsDue = live.nextReportAt <= now
      if reportIsDue { live.nextReportAt = now.advanced(by: live.reportInterval) }
      state = .live(live)
      return ping == nil && !reportIsDue ? .none : .send(ping, reportIsDue: reportIsDue)
    default: return .none
    }
  }

  // MARK: Connection

  /// The connection is open, and the hub's certificate is accepted.
  ///
  /// - Returns: the first message to send.
  package mutating func connectionOpened(lineage: Lineage?, position: Position, now: Instant) -> Hello {
    state = .greeting(deadline: now.advanced(by: Self.greetingLimit))
    return Hello(
      node: node, softwareVersion: softwareVersion, lastLineage: lineage, lastPosition: position)
  }

  /// The connection is lost, or could not be established.
  ///
  /// - Returns: the wait before the next attempt.
  package mutating func connectionClosed(now: Instant, random: inout some RandomNumberGenerator) -> Duration {
    if isLive { backoff.reset() }
    let delay = max(backoff.next(using: &random), retryAfter)
    retryAfter = .zero
    roundTrip = nil
    state = .resting(until: now.advanced(by: delay))
    return delay
  }

  // MARK: Messages

  /// What the driver does with a message.
  package enum MessageAction: Equatable {
    case none
    /// The hub sent its welcome: send it the interest and a report.
    case begin
    case reply(Pong)
    /// The hub has received the interest sent last.
    case confirmInterest
    /// Pass the message on to be merged.
    case deliver
    case perform(Command)
    /// The hub told the keys of session tickets.
    case takeTicketKeys(SharedTicketKeys)
    case disconnect(because: String)
  }

  /// A complete message has arrived.
  package mutating func messageReceived(_ message: Message, now: Instant) -> MessageAction {
    switch state {
    case .resting, .connecting: return .none
    case .greeting: return greeted(message, now: now)
    case .live(var live):
      let wasPresent = live.isPresent
      live.heardAt = now
      let action = received(message, in: &live, now: now)
      state = .live(live)
      if live.isPresent {
        freshUntil = now
      } else if wasPresent {
        // Redis may have been silent for some time before the hub noticed.
        let deafSince = now.advanced(by: .zero - Self.interruptionDelay)
        freshUntil = max(live.flushedAt ?? deafSince, deafSince)
      }
      return action
    }
  }

  private mutating func greeted(_ message: Message, now: Instant) -> MessageAction {
    switch message {
    case .welcome(let welcome):
      guard (RelayProtocol.lowestVersion...RelayProtocol.highestVersion).contains(welcome.version) else {
        return .disconnect(
          because: "the hub chose protocol version \(welcome.version), which we do not speak")
      }
      hub = welcome.node
      version = welcome.version
      tickInterval = .milliseconds(welcome.tickIntervalMilliseconds)
      let pingInterval = Duration.milliseconds(welcome.pingIntervalMilliseconds)
      let reportInterval = Duration.milliseconds(welcome.reportIntervalMilliseconds)
      state = .live(
        Live(
          pingInterval: pingInterval, reportInterval: reportInterval, heardAt: now,
          nextPingAt: now.advanced(by: pingInterval), nextReportAt: now.advanced(by: reportInterval)))
      return .begin
    case .goAway(let goAway): return sentAway(goAway)
    default: return .disconnect(because: "the hub's first message was not a welcome")
    }
  }

  private mutating func received(_ message: Message, in live: inout Live, now: Instant) -> MessageAction {
    switch message {
    case .ping(let ping): return .reply(Pong(stamp: ping.stamp))
    case .pong(let pong):
      roundTrip = Instant(nanoseconds: pong.stamp).duration(to: now)
      guard let stamp = live.interestStamp, pong.stamp >= stamp else { return .none }
      live.interestStamp = nil
      return .confirmInterest
    case .goAway(let goAway): return sentAway(goAway)
    case .feed(let feed):
      live.feed = feed
      return .deliver
    case .snapshot(let snapshot):
      if snapshot.isLast { live.hasSnapshot = true }
      return .deliver
    case .scores:
      live.flushedAt = now
      return .deliver
    case .raw, .topicEvent, .gap, .pastTotals, .order, .tweets, .fenced: return .deliver
    case .command(let command): return .perform(command)
    case .ticketKeys(let keys): return .takeTicketKeys(keys)
    case .welcome: return .disconnect(because: "the hub welcomed us twice")
    case .hello, .interest, .report, .commandResult, .query:
      return .disconnect(because: "the hub sent what only an edge may send")
    }
  }

  private mutating func sentAway(_ goAway: GoAway) -> MessageAction {
    retryAfter = .milliseconds(goAway.retryAfterMilliseconds)
    let detail = goAway.text.isEmpty ? "" : ": \(goAway.text)"
    return .disconnect(because: "the hub sent us away (\(goAway.reason)\(detail))")
  }
}
