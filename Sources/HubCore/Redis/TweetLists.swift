import Primitives
public import Wire

/// The last tweets of a topic, now: behind every message that was handed over before, ahead of every one to come.
public struct TweetList: Equatable, Sendable {
  /// The topic.
  public let topic: TopicID
  /// The tweets, oldest first, at most ``Wire/Tweets/maximumCount``; nil if they are not to be had at present.
  public let payloads: [[UInt8]]?
}

/// Reads lists of tweets at a place in the order of messages that is known exactly, as ``Fence`` reads totals.
///
/// ```
///  Redis executes   … tweet A   { PUBLISH nonce · LRANGE }   tweet B …
///  subscription     … A           nonce                      B       …
///  list holds       … A                                      no
/// ```
///
/// If the transaction's answer comes first, the list is held back until the nonce comes. If the nonce comes first, the
/// tweets behind it (B) are added to the list. So no tweet is both in the list and still to come, and none is missing.
///
/// All topics that are asked for while an answer is under way go into the next transaction together; those that are in
/// it already share its answer.
///
/// Where Redis refuses nonces or transactions, lists are read **plainly**: what came while the list was under way is added to it unless
/// it is there. What is still to come may then be in the list already.
public struct TweetLists: Sendable {
  /// How many lists one transaction reads.
  static let batchMaximum = 64

  /// The result of reading.
  enum Outcome: Equatable {
    /// These lists.
    case lists([TweetList])
    /// Redis refuses nonces. The same topics are to be read again, plainly.
    case refusedNonce(FeedRefusal)
    /// Redis refuses to read lists.
    case refusedLists(FeedRefusal, [TweetList])
  }

  private struct Batch {
    let topics: [TopicID]
    /// Nil if the lists are read plainly.
    let nonce: [UInt8]?
    var replies: [FeedReply] = []
    /// What came behind the nonce, oldest first; nil until it comes.
    var since: [TopicID: [[UInt8]]]?
    /// The lists, while they wait for the nonce.
    var lists: [TweetList]?
  }

  private let names: FeedNames
  private var waiting: [TopicID] = []
  private var batch: Batch?
  private var isPlain = false

  init(names: FeedNames) {
    self.names = names
  }

  /// True if topics wait for a batch to begin.
  var isDue: Bool { batch == nil && !waiting.isEmpty }

  /// Whether Redis was asked, and has not answered yet.
  var isUnderWay: Bool { batch != nil }

  /// Whether what is under way is read at an exact place.
  var areExact: Bool { batch?.nonce != nil }

  /// Nonces may be allowed by now: reads exactly from the next batch on.
  mutating func readExactly() { isPlain = false }

  /// The list of a topic is wanted.
  mutating func ask(for topic: TopicID) {
    guard batch?.topics.contains(topic) != true, !waiting.contains(topic) else { return }
    waiting.append(topic)
  }

  /// Begins to read what is wanted. The commands go out together, and their replies come back to
  /// ``replyReceived(_:)`` in order.
  ///
  /// - Parameter nonce: a text that nobody else publishes; nil where nonces are not received.
  mutating func begin(nonce: String?) -> [FeedCommand] {
    let topics = Array(waiting.prefix(Self.batchMaximum))
    waiting.removeFirst(topics.count)
    let lists = topics.map { topic in
      FeedCommand("LRANGE", names.tweetsPrefix + topic.description, "0", "\(Tweets.maximumCount - 1)")
    }
    guard let nonce, !isPlain else {
      batch = Batch(topics: topics, nonce: nil, since: [:])
      return lists
    }
    batch = Batch(topics: topics, nonce: Array(nonce.utf8))
    return [FeedCommand("MULTI"), FeedCommand("PUBLISH", names.fences, nonce)] + lists + [FeedCommand("EXEC")]
  }

  /// Gives up, because the connections are gone.
  ///
  /// - Returns: what is not to be had.
  mutating func cancel() -> [TweetList] {
    let topics = (batch?.topics ?? []) + waiting
    batch = nil
    waiting = []
    isPlain = false
    return topics.map { TweetList(topic: $0, payloads: nil) }
  }

  /// The subscription brought a tweet.
  mutating func tweetReceived(_ payload: [UInt8], of topic: TopicID) {
    guard batch?.since != nil, batch?.topics.contains(topic) == true else { return }
    batch?.since?[topic, default: []].append(payload)
  }

  /// The subscription brought a nonce; it may be another's.
  ///
  /// - Returns: the lists, if they have been waiting for it.
  mutating func nonceReceived(_ nonce: [UInt8]) -> [TweetList]? {
    guard let current = batch, current.nonce == nonce else { return nil }
    guard let lists = current.lists else {
      batch?.since = [:]
      return nil
    }
    batch = nil
    return lists
  }

  /// One of the replies came.
  mutating func replyReceived(_ reply: FeedReply) -> Outcome? {
    batch?.replies.append(reply)
    guard let current = batch else { return nil }
    let frame = current.nonce == nil ? 0 : 3
    guard current.replies.count == current.topics.count + frame else { return nil }
    return current.nonce == nil ? finishPlainly(current) : finish(current)
  }

  private mutating func finish(_ current: Batch) -> Outcome? {
    let listReplies = current.replies[2..<current.replies.count - 1]
    if let message = listReplies.lazy.compactMap(\.failure).first { return refuse(current, message) }
    if let refusal = frameRefusal(current) {
      guard !refusal.isPassing else { return refuse(current, refusal.message) }
      batch = nil
      isPlain = true
      waiting = current.topics + waiting
      return .refusedNonce(refusal)
    }
    guard case .list(let results?) = current.replies[current.replies.count - 1],
      results.count == current.topics.count + 1
    else { return .lists(abandon(current)) }
    if let message = results[0].failure { return refuse(current, message) }
    let lists = zip(current.topics, results.dropFirst()).map { topic, result in
      TweetList(topic: topic, payloads: Self.payloads(result).map { $0 + (current.since?[topic] ?? []) })
    }
    guard current.since != nil else {
      batch?.lists = lists.map(\.shortened)
      return nil
    }
    batch = nil
    return .lists(lists.map(\.shortened))
  }

  /// Why the transaction was refused, if it was. Of several refusals the one that caused the others: where `EXEC` is refused
  /// for itself, so is the next `MULTI` on the connection.
  private func frameRefusal(_ current: Batch) -> FeedRefusal? {
    let frame = [(current.replies.count - 1, "EXEC"), (0, "MULTI"), (1, "PUBLISH \(names.fences)")]
    let refusals = frame.compactMap { index, request in
      current.replies[index].failure.map { FeedRefusal(request: request, message: $0) }
    }
    return refusals.first { !$0.message.hasPrefix("EXECABORT") } ?? refusals.first
  }

  private mutating func finishPlainly(_ current: Batch) -> Outcome? {
    if let message = current.replies.lazy.compactMap(\.failure).first, message.hasPrefix("NOPERM") {
      return refuse(current, message)
    }
    batch = nil
    return .lists(
      zip(current.topics, current.replies).map { topic, reply in
        let list = Self.payloads(reply)
        let news = current.since?[topic]?.filter { list?.contains($0) == false } ?? []
        return TweetList(topic: topic, payloads: list.map { $0 + news }).shortened
      })
  }

  private mutating func refuse(_ current: Batch, _ message: String) -> Outcome {
    let request = "LRANGE \(names.tweetsPrefix)…"
    return .refusedLists(FeedRefusal(request: request, message: message), abandon(current))
  }

  private mutating func abandon(_ current: Batch) -> [TweetList] {
    batch = nil
    return current.topics.map { TweetList(topic: $0, payloads: nil) }
  }

  /// What a list holds, oldest first, without what could not be sent to an edge; nil if it is no list.
  private static func payloads(_ reply: FeedReply) -> [[UInt8]]? {
    guard case .list(let items?) = reply else { return nil }
    return items.reversed().compactMap { item in
      guard case .text(let payload?) = item, (try? TopicEvent.check(payload)) != nil else { return nil }
      return payload
    }
  }
}

extension TweetList {
  /// The list without the oldest tweets beyond those that may be asked for.
  fileprivate var shortened: TweetList {
    TweetList(topic: topic, payloads: payloads.map { Array($0.suffix(Tweets.maximumCount)) })
  }
}
