import Primitives

// Logging in and subscribing. The commands are sent together, and the first refusal ends the attempt, whatever
// follows.
extension FeedMachine {
  /// The first commands on a new connection, each with the kind of its reply.
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
    // On both connections, because the server behind an address may change in between.
    commands.append((FeedCommand("ROLE"), .role))
    commands.append((FeedCommand("CLIENT", "SETNAME", configuration.clientName), .nameClient))
    guard connection == .subscription else { return commands }

    let subscriptions = FeedSubscription.all(isInteractionEnabled: configuration.isInteractionEnabled)
    return commands + subscriptions.map { ($0.command(configuration.names), .subscribe($0)) }
  }

  /// Continues once both connections have received all their replies.
  mutating func continueSetup(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    guard let session, case .preparing = session.stage, session.isReady else { return [] }
    self.session?.stage = .fencing
    self.session?.lastHeard = now
    self.session?.lastRetry = now
    guard let refusal = refusal(of: .fences) else { return beginFence(now: now, using: &random) }
    return becomeLive(.unanchored(.refused(refusal)))
  }

  /// Messages arrive, and the state of the totals is known.
  mutating func becomeLive(_ status: FeedState) -> [Action] {
    session?.stage = .live
    backoff.reset()
    return changeState(status)
  }
}
