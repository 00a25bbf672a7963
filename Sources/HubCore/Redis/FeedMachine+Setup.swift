import Primitives

// Logging in and subscribing. The commands go out together: the first refusal ends the attempt, whatever comes behind.
extension FeedMachine {
  /// The commands with which a new connection begins, each with what its reply will be the answer to.
  func greeting(
    _ connection: FeedConnection
  ) -> [(command: FeedCommand, request: FeedSession.Request)] {
    var commands: [(command: FeedCommand, request: FeedSession.Request)] = []
    if let password = configuration.password {
      let command =
        configuration.user.map { FeedCommand("AUTH", $0, password) } ?? FeedCommand("AUTH", password)
      commands.append((command, .login("AUTH")))
    }
    if configuration.database != 0 {
      let database = "\(configuration.database)"
      commands.append((FeedCommand("SELECT", database), .login("SELECT \(database)")))
    }
    // On both: what is behind an address may change in between.
    commands.append((FeedCommand("ROLE"), .role))
    commands.append((FeedCommand("CLIENT", "SETNAME", configuration.clientName), .nameClient))
    guard connection == .subscription else { return commands }

    let subscriptions = FeedSubscription.all(isInteractionEnabled: configuration.isInteractionEnabled)
    return commands + subscriptions.map { ($0.command(configuration.names), .subscribe($0)) }
  }

  /// Goes on once both connections have had all their answers.
  mutating func continueSetup(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    guard let session, case .preparing = session.stage, session.isReady else { return [] }
    self.session?.stage = .fencing
    self.session?.lastHeard = now
    self.session?.lastRetry = now
    guard let refusal = refusal(of: .fences) else { return beginFence(now: now, using: &random) }
    return becomeLive(.unanchored(.refused(refusal)))
  }

  /// Messages come, and it is known what the totals are worth.
  mutating func becomeLive(_ status: FeedState) -> [Action] {
    session?.stage = .live
    backoff.reset()
    return changeState(status)
  }
}
