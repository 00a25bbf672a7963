/// One of the subscriptions of the feed. Each is asked for by a command of its own: a right that is missing is then missing for
/// itself alone.
public enum FeedSubscription: CaseIterable, Equatable, Sendable {
  /// Increments, without which a hub is of no use.
  case scores
  /// Tweets of all ids.
  case tweets
  /// What happens at kiosks.
  case interaction
  /// Fences and probes.
  case fences

  /// What is lost without it; nil if a hub cannot do without.
  public var feature: FeedFeature? {
    switch self {
    case .scores: nil
    case .tweets: .tweets
    case .interaction: .interaction
    case .fences: .fences
    }
  }

  /// The subscriptions of a hub.
  public static func all(isInteractionEnabled: Bool) -> [FeedSubscription] {
    allCases.filter { $0 != .interaction || isInteractionEnabled }
  }

  /// The channel, or the pattern for channels. Redis compares a pattern with those of an access control list letter by letter.
  func channel(_ names: FeedNames) -> String {
    switch self {
    case .scores: names.scoreUpdates
    case .tweets: "\(names.tweetUpdatesPrefix)*"
    case .interaction: "\(names.interactionPrefix)*"
    case .fences: names.fences
    }
  }

  /// The command that asks for it.
  public func words(_ names: FeedNames) -> [String] {
    switch self {
    case .scores, .fences: ["SUBSCRIBE", channel(names)]
    case .tweets, .interaction: ["PSUBSCRIBE", channel(names)]
    }
  }

  func command(_ names: FeedNames) -> FeedCommand { FeedCommand(words(names).map { Array($0.utf8) }) }

  /// The command as a log shows it.
  func request(_ names: FeedNames) -> String { words(names).joined(separator: " ") }
}
