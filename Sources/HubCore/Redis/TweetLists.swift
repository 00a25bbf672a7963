import Primitives
import Wire

/// The last tweets of a topic, now: after every message that was delivered before, and before every further one.
package struct TweetList: Equatable, Sendable {
  /// The topic.
  package let topic: TopicID
  /// The tweets, oldest first, at most ``Wire/Tweets/maximumCount``; nil if they are not available at present.
  package let payloads: [[UInt8]]?
}

/// Reads lists of tweets at an exactly known place in the order of messages, as ``Fence`` reads totals.
///
/// ```
///  Redis executes   … tweet A   { PUBLISH nonce · LRANGE }   tweet B …
///  subscription     … A           nonce                      B       …
///  list holds       … A                                      no
/// ```
///
/// If the transaction's answer is first, the list is held back until the nonce arrives. If the nonce is first, the
/// tweets after it (B) are added to the list. So no tweet is both in the list and still to come, and none is
/// missing.
///
/// All topics that are requested during a transaction go into the next one together. Topics that are in it already
/// share its answer.
///
/// If Redis refuses nonces or transactions, lists are read **plainly**: tweets that arrive while a list is being read
/// are added to it unless they are in it. Then a tweet that is still to come may be in the list already.
package struct TweetLists: Sendable {
  /// The most lists that one transaction reads.
  static let batchMaximum = 64

  /// The result of reading.
  enum Outcome: Equatable {
    /// The lists.
    case lists([TweetList])
    /// Redis refuses nonces. The same topics must be read again, plainly.
    case refusedNonce(FeedRefusal)
    /// Redis refuses to read lists.
    case refusedLists(FeedRefusal, [TweetList])
  }

  private struct Batch {
    let topics: [TopicID]
    /// Nil if the lists are read plainly.
    let nonce: [UInt8]?
    var replies: [FeedReply] = []
    /// The tweets after the nonce, oldest first; nil until it arrives.
    var since: [TopicID: [[UInt8]]]?
    /// The lists that wait for the nonce.
    var lists: [TweetList]?
  }

  private let names: FeedNames
  private var waiting: [TopicID] = []
  private var batch: Batch?
  private var isPlain = false

  init(names: FeedNames) {
    self.names = names
  }

  /// Whether topics wait for a batch to begin.
  var isDue: Bool { batch == nil && !waiting.isEmpty }

  /// Whether Redis has been asked and has not answered yet.
  var isUnderWay: Bool { batch != nil }

  /// Whether the present batch is read at an exact place.
  var areExact: Bool { batch?.nonce != nil }

  /// Nonces may be allowed by now: the next batches are read exactly.
  mutating func readExactly() { isPlain = false }

  /// Requests the list of a topic.
  mutating func ask(for topic: TopicID) {
    guard batch?.topics.contains(topic) != true, !waiting.contains(topic) else { return }
    waiting.append(topic)
  }

  /// Begins to read the requested lists. The commands are sent together, and their replies must be passed to
  /// ``replyReceived(_:)`` in order.
  ///
  /// - Parameter nonce: a text that no other program publishes; nil if nonces are not received.
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

  /// Gives up, because the connections are lost.
  ///
  /// - Returns: the requested lists, marked as not available.
  mutating func cancel() -> [TweetList] {
    let topics = (batch?.topics ?? []) + waiting
    batch = nil
    waiting = []
    isPlain = false
    return topics.map { TweetList(topic: $0, payloads: nil) }
  }

  /// The subscription received a tweet.
  mutating func tweetReceived(_ payload: [UInt8], of topic: TopicID) {
    guard batch?.since != nil, batch?.topics.contains(topic) == true else { return }
    batch?.since?[topic, default: []].append(payload)
  }

  /// The subscription received a nonce, possibly another hub's.
  ///
  /// - Returns: the lists, if they were waiting for it.
  mutating func nonceReceived(_ nonce: [UInt8]) -> [TweetList]? {
    guard let current = batch, current.nonce == nonce else { return nil }
    guard let lists = current.lists else {
      batch?.since = [:]
      return nil
    }
    batch = nil
    return lists
  }

  /// One of the replies has arrived.
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

  /// Why the transaction was refused, if it was. Of several refusals this is the one that caused the others: if
  /// `EXEC` is refused, so is the next `MULTI` on the connection.
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

  /// The tweets of a list, oldest first, without those that cannot be sent to an edge; nil if the reply is not a
  /// list.
  private static func payloads(_ reply: FeedReply) -> [[UInt8]]? {
    guard case .list(let items?) = reply else { return nil }
    return items.reversed().compactMap { item in
      guard case .text(let payload?) = item, (try? TopicEvent.check(payload)) != nil else { return nil }
      return payload
    }
  }
}

extension TweetList {
  /// The list without its oldest tweets beyond the maximum.
  fileprivate var shortened: TweetList {
    TweetList(topic: topic, payloads: payloads.map { Array($0.suffix(Tweets.maximumCount)) })
  }
}
