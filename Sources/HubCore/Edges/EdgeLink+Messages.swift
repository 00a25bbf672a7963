import Primitives
import Wire

extension EdgeLink {
  /// What the driver does with a message.
  package enum MessageAction: Equatable, Sendable {
    /// Nothing.
    case ignore
    /// Register the edge. If it is admitted, send the welcome and, as soon as there is a snapshot, that and the state
    /// of the feed.
    case welcome(Hello, Welcome)
    /// Send an answer.
    case send(Message)
    /// Change the interest of the edge; if that breaks a limit, call ``interestRefused(_:now:)``.
    case changeInterest(Interest)
    /// Keep the report.
    case recordReport(Report)
    /// Report the result to the sender of the command.
    case finishCommand(CommandResult)
    /// Answer the query, then call ``queryAnswered()``.
    case answer(Query)
    /// Answer that the query is unavailable: too many are unanswered.
    case refuseQuery(Query)
    /// End the link.
    case close(Closure)
  }

  /// What the driver does when the timer has fired.
  package enum TimerAction: Equatable, Sendable {
    /// Nothing: it was too early.
    case ignore
    /// Send a ping.
    case ping(Ping)
    /// End the link.
    case close(Closure)
    /// Disconnect at once: sending the farewell took too long.
    case disconnect
  }

  /// Bytes arrived, a complete message or not: the edge is alive.
  package mutating func bytesReceived(now: Instant) {
    lastReceived = now
  }

  /// A message arrived.
  package mutating func messageReceived(_ message: Message, now: Instant) -> MessageAction {
    switch (state, message) {
    case (.closing, _): .ignore
    case (_, .goAway(let goAway)):
      .close(close(goAway.reason == .shutdown ? .edgeShutDown : .edgeRefused, now: now))
    case (.awaitingHello, .hello(let hello)): helloReceived(hello, now: now)
    case (.awaitingHello, _):
      violated("The first message must be a 'hello', not a '\(message.type)'.", now: now)
    case (.welcomed, .ping(let ping)): answered(by: .send(.pong(Pong(stamp: ping.stamp))), now: now)
    case (.welcomed, .pong(let pong)): pongReceived(pong, now: now)
    case (.welcomed, .interest(let interest)): .changeInterest(interest)
    case (.welcomed, .report(let report)): .recordReport(report)
    case (.welcomed, .commandResult(let result)): .finishCommand(result)
    case (.welcomed, .query(let query)): answered(by: queryReceived(query), now: now)
    case (.welcomed, _): violated("A message '\(message.type)' is not allowed here.", now: now)
    }
  }

  /// An answer is owed, whether it is a pong or the result of a query. Without a limit, an edge that asks on and on and
  /// reads nothing could take all of the hub's memory.
  mutating func answered(by action: MessageAction, now: Instant) -> MessageAction {
    unreadAnswers += 1
    guard unreadAnswers > terms.unreadAnswersMaximum else { return action }
    return .close(close(.stalled, "The edge asks on and on, and reads no answer.", now: now))
  }

  /// The received bytes are not a message.
  package mutating func decodingFailed(_ error: WireError, now: Instant) -> Closure? {
    refuse(.protocolError, error.description, now: now)
  }

  /// A change of interest broke a limit.
  package mutating func interestRefused(_ error: InterestError, now: Instant) -> Closure? {
    refuse(.protocolError, error.description, now: now)
  }

  /// The registry did not admit the edge, or has a newer link of the same node; or its certificate was revoked.
  ///
  /// - Parameter end: ``EdgeLinkEnd/tooManyEdges``, ``EdgeLinkEnd/replaced`` or ``EdgeLinkEnd/revoked``.
  package mutating func displaced(_ end: EdgeLinkEnd, now: Instant) -> Closure? {
    refuse(end, end == .revoked ? "The certificate is revoked." : "", now: now)
  }

  /// The hub is shutting down.
  ///
  /// - Parameter retryAfterMilliseconds: when the edge should come back, with jitter; 0 to 3,600,000.
  package mutating func hubShutDown(retryAfterMilliseconds: Int, now: Instant) -> Closure? {
    guard end == nil else { return nil }
    return close(.hubShutDown, retryAfterMilliseconds: retryAfterMilliseconds, now: now)
  }

  /// The connection is lost.
  ///
  /// - Returns: why the link ended.
  package mutating func connectionClosed(now: Instant) -> EdgeLinkEnd {
    end ?? close(.peerClosed, now: now).end
  }

  /// The timer for ``deadline`` fired.
  ///
  /// A driver handles received bytes before its timers: waiting bytes are not silence.
  package mutating func timerTriggered(now: Instant) -> TimerAction {
    guard now >= deadline else { return .ignore }
    switch state {
    case .awaitingHello: return .close(close(.helloTimeout, now: now))
    case .closing: return .disconnect
    case .welcomed:
      if now >= silenceDeadline { return .close(close(.silent, now: now)) }
      if let stallDeadline, now >= stallDeadline { return .close(close(.stalled, now: now)) }
      // Counted from now, not from the deadline: after a stall of this process one ping is enough.
      nextPing = now.advanced(by: terms.pingInterval)
      return .ping(Ping(stamp: now.nanoseconds))
    }
  }

  private mutating func helloReceived(_ hello: Hello, now: Instant) -> MessageAction {
    guard peerNames.contains(hello.node) else {
      let names = peerNames.map(\.description).joined(separator: ", ")
      let text = "The hello says '\(hello.node)', the certificate says: \(names.isEmpty ? "no name" : names)."
      return .close(close(.identityMismatch, text, now: now))
    }
    let version = min(hello.versions.upperBound, terms.versions.upperBound)
    guard version >= max(hello.versions.lowerBound, terms.versions.lowerBound) else {
      let text =
        "The hub speaks the versions \(terms.versions.lowerBound) to \(terms.versions.upperBound), "
        + "the edge \(hello.versions.lowerBound) to \(hello.versions.upperBound)."
      return .close(close(.versionMismatch, text, now: now))
    }
    state = .welcomed(hello)
    nextPing = now.advanced(by: terms.pingInterval)
    return .welcome(
      hello,
      Welcome(
        version: version, node: terms.node, softwareVersion: terms.softwareVersion,
        tickIntervalMilliseconds: Int(terms.tickInterval.wholeMilliseconds),
        pingIntervalMilliseconds: Int(terms.pingInterval.wholeMilliseconds),
        reportIntervalMilliseconds: Int(terms.reportInterval.wholeMilliseconds)))
  }

  /// A stamp that belongs to no open ping is ignored. A forged one falsifies only the edge's own figure, within these
  /// bounds.
  private mutating func pongReceived(_ pong: Pong, now: Instant) -> MessageAction {
    let elapsed = Instant(nanoseconds: pong.stamp).duration(to: now)
    if elapsed >= .zero && elapsed <= terms.stallMaximum { roundTrip = elapsed }
    return .ignore
  }

  private mutating func violated(_ text: String, now: Instant) -> MessageAction {
    .close(close(.protocolError, text, now: now))
  }

  private mutating func refuse(_ end: EdgeLinkEnd, _ text: String, now: Instant) -> Closure? {
    self.end == nil ? close(end, text, now: now) : nil
  }
}
