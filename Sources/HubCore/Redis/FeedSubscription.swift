/// One of the feed's subscriptions. Each has a command of its own, so that a missing right affects only one of them.
package enum FeedSubscription: CaseIterable, Equatable, Sendable {
  /// Increments. A hub cannot do without them.
  case scores
  /// Tweets of all ids.
  case tweets
  /// Interactions at kiosks.
  case interaction
  /// Fences and probes.
  case fences

  /// The feature that depends on the subscription; nil if a hub cannot do without it.
  package var feature: FeedFeature? {
    switch self {
    case .scores: nil
    case .tweets: .tweets
    case .interaction: .interaction
    case .fences: .fences
    }
  }

  /// The subscriptions that a hub makes.
  package static func all(isInteractionEnabled: Bool) -> [FeedSubscription] {
    allCases.filter { $0 != .interaction || isInteractionEnabled }
  }

  /// The channel, or the pattern for channels. Redis compares a pattern with those of an access control list letter
  /// by letter.
  func channel(_ names: FeedNames) -> String {
    switch self {
    case .scores: names.scoreUpdates
    case .tweets: "\(names.tweetUpdatesPrefix)*"
    case .interaction: "\(names.interactionPrefix)*"
    case .fences: names.fences
    }
  }

  /// The command that subscribes.
  package func words(_ names: FeedNames) -> [String] {
    switch self {
    case .scores, .fences: ["SUBSCRIBE", channel(names)]
    case .tweets, .interaction: ["PSUBSCRIBE", channel(names)]
    }
  }

  func command(_ names: FeedNames) -> FeedCommand { FeedCommand(words(names).map { Array($0.utf8) }) }

  /// The command in the form for logs.
  func request(_ names: FeedNames) -> String { words(names).joined(separator: " ") }
}
