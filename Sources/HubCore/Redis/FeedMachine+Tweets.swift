import Primitives
import Wire

// The last tweets of topics, for edges that ask for them: see `TweetLists`.
extension FeedMachine {
  /// Edges ask for the lists of some topics. Each is answered by an ``Action/report(_:)``. A list that is already being
  /// read is shared with the earlier request.
  package mutating func listTweets(
    of topics: some Sequence<TopicID>, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard isLive else { return topics.map { .report(TweetList(topic: $0, payloads: nil)) } }
    for topic in topics { session?.tweets.ask(for: topic) }
    session?.tweetsNonce = Self.nonce(using: &random)
    return beginTweets(now: now)
  }

  private mutating func beginTweets(now: Instant) -> [Action] {
    guard let session else { return [] }
    guard session.tweets.isDue else {
      if !session.tweets.isUnderWay { self.session?.tweetsDeadline = nil }
      return []
    }
    let deadline = now.advanced(by: configuration.timing.fenceTimeout)
    self.session?.tweetsDeadline = deadline
    // Batches follow one another, and each sees its nonce arrive before it ends, so all of them may use the same
    // nonce.
    let refusal = refusal(of: .fences) ?? transactionRefusal
    let actions = refusal.map { refused(.exactLists, $0) } ?? []
    let commands = self.session?.tweets.begin(nonce: refusal == nil ? session.tweetsNonce : nil) ?? []
    for each in commands { self.session?.command.requests.append(.tweets(each.description)) }
    return actions + [.send(.command, commands)]
  }

  /// The subscription received a nonce.
  mutating func tweetsNonceReceived(_ nonce: [UInt8], now: Instant) -> [Action] {
    session?.tweets.nonceReceived(nonce).map { report($0, areExact: true, now: now) } ?? []
  }

  mutating func tweetsAnswered(_ reply: FeedReply, now: Instant) -> [Action] {
    let areExact = session?.tweets.areExact == true
    return switch session?.tweets.replyReceived(reply) {
    case nil: []
    case .lists(let lists): report(lists, areExact: areExact, now: now)
    case .refusedNonce(let refusal): refused(.exactLists, refusal) + beginTweets(now: now)
    case .refusedLists(let refusal, let lists):
      refused(.tweetLists, refusal) + lists.map(Action.report) + beginTweets(now: now)
    }
  }

  private mutating func report(_ lists: [TweetList], areExact: Bool, now: Instant) -> [Action] {
    var news: [Action] = []
    if lists.contains(where: { $0.payloads != nil }) {
      news = granted(.tweetLists) + (areExact ? granted(.exactLists) : [])
    }
    return news + lists.map(Action.report) + beginTweets(now: now)
  }
}
