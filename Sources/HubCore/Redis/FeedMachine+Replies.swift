import Primitives

extension FeedMachine {
  /// Redis replied on a connection. The driver reports everything but published messages, in order.
  package mutating func replyReceived(
    _ reply: FeedReply, on connection: FeedConnection, now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard session != nil else { return [] }
    if connection == .subscription { session?.heard(now: now) }
    guard let request = session?[connection].requests.popFirst() else {
      // Redis sends an error without a request when it has no room for another client.
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
      // The client's name is optional, and a refusal answers a ping as well.
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

  /// The role is `master`, `slave HOST PORT …` or `sentinel`. If the hub may not ask for the role, it continues
  /// without it.
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
      // Messages arrive, and the totals are still true; only the next proof must wait.
      session?.fenceEnded(next: later)
      return refused(.comparison, refusal)
    case .interrupted(let interruption):
      return interrupt(interruption, now: now, using: &random)
    }
  }

  /// The totals are known at this place. If the sorted set is missing, nothing has been counted in its history,
  /// unless messages arrive nevertheless.
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
    // The nonce was published and came back, so probes and comparisons work.
    return granted(.probes) + granted(.comparison) + [.reconcile(totals)] + becomeLive(.anchored)
  }

  /// A fence found the sorted set, or that it is missing.
  ///
  /// - Returns: since when messages arrive that Redis does not count; nil if there are none.
  private mutating func scoreSetFound(isAbsent: Bool) -> Instant? {
    switch (isAbsent, scoreSet) {
    case (false, _): scoreSet = .present
    case (true, .present): scoreSet = .absent(uncountedSince: nil)
    case (true, .absent(let since)): return since
    }
    return nil
  }
}
