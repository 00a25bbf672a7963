import HubCore
import Primitives

/// A Redis that executes commands one at a time, and delivers their results to two queues. A test reads each queue at
/// its own speed.
struct FakeRedis {
  /// A message on its way, with the totals and the last tweets at its publication.
  struct Delivery {
    let channel: [UInt8]
    let payload: [UInt8]
    let totals: [ScoreID: UInt64]
    let tweets: [[UInt8]]
  }

  private static let role = FeedReply.list([.text(Array("master".utf8))])

  private let names = FeedNames()
  private(set) var totals: [ScoreID: UInt64] = [:]
  /// The last ten tweets of the only topic, latest first.
  private var tweets: [[UInt8]] = []
  private(set) var lineage: [UInt8]?
  private(set) var messages: [Delivery] = []
  private(set) var subscriptionReplies: [FeedReply] = []
  private(set) var commandReplies: [FeedReply] = []
  private var isSubscribed = false
  private var queued: [[String]]?

  /// An increment by another client.
  mutating func increment(_ id: ScoreID) {
    totals[id, default: 0] += 1
    publish(names.scoreUpdates, id.utf8)
  }

  /// A tweet by another client, with the topic `A`.
  mutating func tweet(_ payload: [UInt8]) {
    tweets = Array(([payload] + tweets).prefix(10))
    publish(names.tweetUpdatesPrefix + "A", payload)
  }

  /// Both connections are lost, with everything on its way.
  mutating func disconnect() {
    isSubscribed = false
    queued = nil
    messages = []
    subscriptionReplies = []
    commandReplies = []
  }

  mutating func takeMessage() -> Delivery { messages.removeFirst() }
  mutating func takeSubscriptionReply() -> FeedReply { subscriptionReplies.removeFirst() }
  mutating func takeCommandReply() -> FeedReply { commandReplies.removeFirst() }

  /// Executes a command of the hub.
  mutating func execute(_ command: FeedCommand, on connection: FeedConnection) {
    let arguments = command.arguments.map { String(decoding: $0, as: UTF8.self) }
    if connection == .subscription {
      isSubscribed = isSubscribed || arguments[0] == "SUBSCRIBE"
      subscriptionReplies.append(
        arguments[0].hasSuffix("SUBSCRIBE") ? .list([]) : arguments[0] == "ROLE" ? Self.role : .status("OK"))
      return
    }
    switch arguments[0] {
    case "MULTI":
      queued = []
      commandReplies.append(.status("OK"))
    case "EXEC":
      var results: [FeedReply] = []
      for arguments in queued ?? [] { results.append(perform(arguments)) }
      queued = nil
      commandReplies.append(.list(results))
    default:
      if queued != nil {
        queued?.append(arguments)
        commandReplies.append(.status("QUEUED"))
      } else {
        commandReplies.append(perform(arguments))
      }
    }
  }

  private mutating func perform(_ arguments: [String]) -> FeedReply {
    switch arguments[0] {
    case "SET":
      guard lineage == nil else { return .text(nil) }
      lineage = Array(arguments[2].utf8)
      return .status("OK")
    case "ROLE":
      return Self.role
    case "GET":
      return .text(lineage)
    case "PUBLISH":
      publish(arguments[1], Array(arguments[2].utf8))
      return .integer(1)
    case "ZRANGE":
      return .list(totals.flatMap { [FeedReply.text($0.key.utf8), .text(Array("\($0.value)".utf8))] })
    case "LRANGE":
      return .list(tweets.map { .text($0) })
    default:
      return .status("OK")
    }
  }

  private mutating func publish(_ channel: String, _ payload: [UInt8]) {
    guard isSubscribed else { return }
    messages.append(
      Delivery(channel: Array(channel.utf8), payload: payload, totals: totals, tweets: tweets.reversed()))
  }
}
