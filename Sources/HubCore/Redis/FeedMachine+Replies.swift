import Primitives

extension FeedMachine {
  /// Redis answered on a connection: everything that it sends except published messages, in order.
  public mutating func replyReceived(
    _ reply: FeedReply, on connection: FeedConnection, now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard session != nil else { return [] }
    if connection == .subscription { session?.heard(now: now) }
    guard let request = session?[connection].requests.popFirst() else {
      // Redis speaks unasked when it has no room for one more client.
      let interruption = reply.failure.map {
        FeedInterruption.refused(FeedRefusal(request: "a connection", message: $0))
      }
      return interrupt(interruption ?? .unexpectedReply(to: "nothing"), now: now, using: &random)
    }
    switch request {
    case .login(let name):
      guard let message = reply.failure else { return continueSetup(now: now, using: &random) }
      return interrupt(.refused(FeedRefusal(request: name, message: message)), now: now, using: &random)
    case .role:
      return roleReceived(reply, now: now, using: &random)
    case .nameClient, .ping:
      // A name is a courtesy, and a ping is answered by a refusal too.
      return continueSetup(now: now, using: &random)
    case .subscribe(let subscription):
      return subscriptionAnswered(subscription, reply, now: now, using: &random)
    case .fence(let name):
      return transactionAnswered(name, reply)
        + (session?.fence.replyReceived(reply).map { fenceEnded($0, now: now, using: &random) } ?? [])
    case .probe:
      return probeAnswered(reply)
    case .nodeStatus(let name):
      return nodeStatusAnswered(name, reply)
    case .tweets(let name):
      return transactionAnswered(name, reply) + tweetsAnswered(reply, now: now)
    case .discard:
      return discardAnswered(reply, now: now, using: &random)
    case .transaction:
      return transactionCheckAnswered(reply, now: now, using: &random)
    case .script:
      return scriptAnswered(reply)
    }
  }

  /// `master`, `slave HOST PORT …` or `sentinel`. Where it may not be asked for, all goes on without it.
  private mutating func roleReceived(
    _ reply: FeedReply, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    if let message = reply.failure {
      let refusal = FeedRefusal(request: "ROLE", message: message)
      return refused(.role, refusal) + continueSetup(now: now, using: &random)
    }
    guard case .list(let parts?) = reply, case .text(let name?) = parts.first else {
      return interrupt(.unexpectedReply(to: "ROLE"), now: now, using: &random)
    }
    switch String(decoding: name, as: UTF8.self) {
    case "master": return granted(.role) + continueSetup(now: now, using: &random)
    case "slave":
      guard parts.count >= 3, case .text(let host?) = parts[1], case .integer(let port) = parts[2] else {
        return interrupt(.unexpectedReply(to: "ROLE"), now: now, using: &random)
      }
      let master = "\(String(decoding: host, as: UTF8.self)):\(port)"
      return interrupt(.notMaster(role: "replica of \(master)"), now: now, using: &random)
    case let other: return interrupt(.notMaster(role: other), now: now, using: &random)
    }
  }

  private mutating func subscriptionAnswered(
    _ subscription: FeedSubscription, _ reply: FeedReply, now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    let request = subscription.request(configuration.names)
    switch reply {
    case .list:
      session?.mayHaveBrought = true
      let news = subscription.feature.map { granted($0) } ?? []
      // A fence that could not be received before is overdue.
      let overdue = subscription == .fences ? fence(now: now, using: &random) : []
      return news + overdue + continueSetup(now: now, using: &random)
    case .failure(let message):
      let refusal = FeedRefusal(request: request, message: message)
      guard let feature = subscription.feature, !refusal.isPassing else {
        return interrupt(.refused(refusal), now: now, using: &random)
      }
      return refused(feature, refusal) + continueSetup(now: now, using: &random)
    case .status, .integer, .text:
      return interrupt(.unexpectedReply(to: request), now: now, using: &random)
    }
  }

  mutating func fenceEnded(
    _ outcome: Fence.Outcome, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    let later = now.advanced(by: configuration.timing.unanchoredFenceInterval)
    switch outcome {
    case .totals(let totals):
      return anchor(totals, now: now)
    case .unanchored(let reason):
      session?.fenceEnded(next: later)
      return becomeLive(.unanchored(reason))
    case .refusedScript(let refusal):
      return refused(.script, refusal) + beginFence(now: now, using: &random)
    case .interrupted(.refused(let refusal)) where isLive && refusal.isPostponing:
      // Messages come, and what was known is true still: only its proof must wait.
      session?.fenceEnded(next: later)
      return refused(.comparison, refusal)
    case .interrupted(let interruption):
      return interrupt(interruption, now: now, using: &random)
    }
  }

  /// The totals are known, at this place. A sorted set that is absent is a history in which nothing was counted, unless
  /// messages come all the same.
  mutating func anchor(_ totals: FenceTotals, now: Instant) -> [Action] {
    let timing = configuration.timing
    let uncountedSince = scoreSetFound(isAbsent: totals.isSetAbsent)
    session?.lineageToLeave = nil
    if let uncountedSince, uncountedSince.advanced(by: timing.absenceMaximum) <= now {
      session?.fenceEnded(next: now.advanced(by: timing.unanchoredFenceInterval))
      return becomeLive(.unanchored(.scoresMissing(key: configuration.names.scores)))
    }
    if uncountedSince != nil, isLive {
      session?.fenceEnded(next: now.advanced(by: timing.absentFenceInterval))
      return []
    }
    var totals = totals
    if let session { totals.begunAt = session.fenceBegunAt }
    session?.fenceEnded(next: now.advanced(by: timing.fenceInterval))
    // What was published came back.
    return granted(.probes) + granted(.comparison) + [.adopt(totals)] + becomeLive(.anchored)
  }

  /// A fence found the sorted set, or none.
  ///
  /// - Returns: since when messages come that nothing counts; nil if none did.
  private mutating func scoreSetFound(isAbsent: Bool) -> Instant? {
    switch (isAbsent, scoreSet) {
    case (false, _): scoreSet = .present
    case (true, .present): scoreSet = .absent(uncountedSince: nil)
    case (true, .absent(let since)): return since
    }
    return nil
  }
}
