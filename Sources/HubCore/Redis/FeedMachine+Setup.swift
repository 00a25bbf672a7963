import Primitives

// Logging in and subscribing. The commands go out together: the first refusal ends the attempt, whatever comes behind.
extension FeedMachine {
  /// The commands with which a new connection begins; their replies are awaited.
  mutating func greet(_ connection: FeedConnection) -> [FeedCommand] {
    var commands: [FeedCommand] = []
    func add(_ command: FeedCommand, _ request: Request) {
      commands.append(command)
      self[connection].requests.append(request)
    }
    if let password = configuration.password {
      let command =
        configuration.user.map { FeedCommand("AUTH", $0, password) } ?? FeedCommand("AUTH", password)
      add(command, .login("AUTH"))
    }
    if configuration.database != 0 {
      add(FeedCommand("SELECT", "\(configuration.database)"), .login("SELECT \(configuration.database)"))
    }
    // On both: what is behind an address may change in between.
    add(FeedCommand("ROLE"), .role)
    add(FeedCommand("CLIENT", "SETNAME", configuration.clientName), .nameClient)
    guard connection == .subscription else { return commands }

    for each in FeedSubscription.all(isInteractionEnabled: configuration.isInteractionEnabled) {
      add(each.command(configuration.names), .subscribe(each))
    }
    return commands
  }

  /// Goes on once both connections have had all their answers.
  mutating func continueSetup(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    guard case .preparing = phase, subscription.isReady, command.isReady else { return [] }
    phase = .fencing
    lastHeard = now
    lastRetry = now
    guard let refusal = refusal(of: .fences) else { return beginFence(now: now, using: &random) }
    return becomeLive(.unanchored(.refused(refusal)))
  }

  /// Messages come, and it is known what the totals are worth.
  mutating func becomeLive(_ status: FeedState) -> [Action] {
    phase = .live
    backoff.reset()
    return changeState(status)
  }
}
