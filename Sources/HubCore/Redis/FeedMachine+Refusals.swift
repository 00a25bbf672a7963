import Primitives

// The hub works without refused features, and retries them, because an operator may grant the rights at any time.
extension FeedMachine {
  /// Why a feature is not used at present; nil if it is used.
  func refusal(of feature: FeedFeature) -> FeedRefusal? {
    session?.deferred.contains(feature) == true ? refusals[feature] : nil
  }

  /// Redis refused a right that a feature needs.
  mutating func refused(_ feature: FeedFeature, _ refusal: FeedRefusal) -> [Action] {
    session?.deferred.insert(feature)
    guard refusals.updateValue(refusal, forKey: feature) != refusal else { return [] }
    return [.notify(.refused(feature, refusal))]
  }

  /// Redis performed what a feature needs.
  mutating func granted(_ feature: FeedFeature) -> [Action] {
    session?.deferred.remove(feature)
    guard refusals.removeValue(forKey: feature) != nil else { return [] }
    return [.notify(.granted(feature))]
  }

  /// When to retry refused features; nil if there are none that a change of rights would grant.
  var retryTime: Instant? {
    guard let session, session.stage == .live, !missingRights(session).isEmpty else { return nil }
    return session.lastRetry.advanced(by: configuration.timing.refusalInterval)
  }

  private func missingRights(_ session: FeedSession) -> Set<FeedFeature> {
    session.deferred.filter { refusals[$0]?.isMissingRight == true }
  }

  /// Retries refused features: at once if there is a command for that, the others at their next use.
  mutating func retry(now: Instant) -> [Action] {
    guard let session else { return [] }
    self.session?.lastRetry = now
    var (subscriptions, commands): ([FeedCommand], [FeedCommand]) = ([], [])
    for feature in missingRights(session).sorted(by: { $0.rawValue < $1.rawValue }) {
      switch feature {
      case .tweets, .interaction, .fences:
        guard let again = FeedSubscription.allCases.first(where: { $0.feature == feature }) else { continue }
        self.session?.subscription.requests.append(.subscribe(again))
        subscriptions.append(again.command(configuration.names))
      case .role:
        self.session?.command.requests.append(.role)
        commands.append(FeedCommand("ROLE"))
      case .script:
        self.session?.command.requests.append(.script)
        commands.append(FeedCommand("EVAL", "return 1", "1", configuration.names.lineage))
      case .exactLists:
        self.session?.tweets.readExactly()
        self.session?.deferred.remove(feature)
      case .probes, .nodeStatuses, .tweetLists, .comparison:
        self.session?.deferred.remove(feature)
      }
    }
    return [(FeedConnection.subscription, subscriptions), (.command, commands)]
      .filter { !$0.1.isEmpty }.map { .send($0.0, $0.1) }
  }

  /// Redis answered a script that does nothing, so its reply tells whether scripts are allowed.
  mutating func scriptAnswered(_ reply: FeedReply) -> [Action] {
    guard let message = reply.failure else { return granted(.script) }
    return refused(.script, FeedRefusal(request: scriptRequest, message: message))
  }

  private var scriptRequest: String { "EVAL \(configuration.names.lineage)" }

  // MARK: Transactions

  /// Redis answered a command of a transaction. If it refused to end the transaction, the connection must leave it by
  /// `DISCARD`. No further transaction begins before it is certain that it can be ended.
  mutating func transactionAnswered(_ command: String, _ reply: FeedReply) -> [Action] {
    guard let refusal = session?.transaction.answered(command, reply) else { return [] }
    transactionRefusal = refusal
    session?.command.requests.append(.discard)
    return [.send(.command, [FeedCommand("DISCARD")])]
  }

  /// If `DISCARD` is refused too, the only way out of the transaction is a new connection.
  mutating func discardAnswered(
    _ reply: FeedReply, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard reply.failure != nil, !reply.isWithoutTransaction, let transactionRefusal else { return [] }
    return interrupt(.refused(transactionRefusal), now: now, using: &random)
  }

  /// Checks whether a transaction could be ended, by ending one that does not exist.
  mutating func beginTransactionCheck(now: Instant) -> [Action] {
    session?.command.requests.append(.transaction)
    return [.send(.command, [FeedCommand("EXEC")])]
  }

  /// If a transaction can be ended, a fence begins; otherwise there is no fence.
  mutating func transactionCheckAnswered(
    _ reply: FeedReply, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    session?.fenceDeadline = nil
    guard let message = reply.failure, !reply.isWithoutTransaction else {
      transactionRefusal = nil
      return beginFence(now: now, using: &random)
    }
    let refusal = FeedRefusal(request: "EXEC", message: message)
    transactionRefusal = refusal
    return fenceEnded(.unanchored(.refused(refusal)), now: now, using: &random)
  }
}
