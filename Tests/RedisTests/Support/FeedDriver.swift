import HubCore
import Primitives
import Redis
import TestSupport
import Testing
import Wire

/// Drives a feed machine against a real Redis, and counts like a hub's table.
final class FeedDriver {
  private(set) var table: [ScoreID: UInt64] = [:]
  private(set) var status: FeedState?
  private(set) var notices: [FeedNotice] = []
  private(set) var tweets: [TopicEvent] = []
  /// The lists of tweets, each with the number of tweets before it.
  private(set) var lists: [(list: TweetList, tweetCount: Int)] = []
  private(set) var rejectCount = 0
  /// The lineage of the last totals.
  private(set) var lineage: Lineage?
  /// For each fence, the increments that the table lacked.
  private(set) var repairs: [UInt64] = []
  /// How often both connections were opened.
  private(set) var connectionCount = 0
  private let server: RedisProcess
  private var machine: FeedMachine
  private var random: SeededGenerator
  private var connections: [FeedConnection: BlockingConnection] = [:]
  private let origin = ContinuousClock.now

  init(
    server: RedisProcess, configuration: FeedConfiguration = FeedConfiguration(), seed: UInt64 = 3
  ) throws {
    self.server = server
    random = SeededGenerator(seed: seed)
    machine = FeedMachine(configuration: configuration)
    try perform(machine.start(now: now))
  }

  private var now: Instant {
    Instant(nanoseconds: 1_000_000_000).advanced(by: ContinuousClock.now - origin)
  }

  var refusals: [FeedFeature: FeedRefusal] { machine.refusals }

  func publishNodeStatuses(_ statuses: [FeedMachine.NodeStatus]) throws {
    try perform(machine.nodeStatusesDue(statuses))
  }

  func fence() throws {
    try perform(machine.fence(now: now, using: &random))
  }

  /// Reports to the machine that the totals went backwards.
  func renew(leaving lineage: Lineage) throws {
    try perform(machine.fenceJudged(.renameLineage(lineage), now: now, using: &random))
  }

  func listTweets(of topics: [TopicID]) throws {
    try perform(machine.listTweets(of: topics, now: now, using: &random))
  }

  /// Handles everything that has arrived.
  func turn() throws {
    for connection in FeedConnection.allCases {
      do {
        while let value = try connections[connection]?.receive(withinMilliseconds: 0) {
          try received(value, on: connection)
        }
      } catch is ConnectionEnded {
        try perform(machine.connectionClosed(connection, reason: "ended", now: now, using: &random))
      }
    }
    if let deadline = machine.deadline, deadline <= now {
      try perform(machine.timerTriggered(now: now, using: &random))
    }
  }

  /// Repeats turns until a condition holds, for at most five seconds.
  func turn(until isDone: () -> Bool) throws {
    let begin = ContinuousClock.now
    while !isDone() {
      try #require(ContinuousClock.now - begin < .seconds(5), "still \(String(describing: status))")
      try turn()
    }
  }

  private func received(_ value: RESPValue, on connection: FeedConnection) throws {
    guard connection == .subscription, let message = value.publishedMessage else {
      try perform(machine.replyReceived(FeedReply(value), on: connection, now: now, using: &random))
      return
    }
    switch machine.messageReceived(channel: message.channel, payload: message.payload, now: now) {
    case .pass(.increment(let id)): table[id, default: 0] += 1
    case .pass(.topicEvent(let event)): tweets.append(event)
    case .pass: rejectCount += 1
    case .perform(let actions): try perform(actions)
    }
  }

  private func perform(_ actions: [FeedMachine.Action]) throws {
    for action in actions {
      switch action {
      case .connect:
        connectionCount += 1
        for connection in FeedConnection.allCases { connections[connection] = try server.connect() }
        for connection in FeedConnection.allCases {
          try perform(machine.connectionEstablished(connection, now: now))
        }
      case .disconnect:
        connections = [:]
      case .send(let connection, let commands):
        let bytes = commands.flatMap { RedisCommand.encode($0.arguments) }
        do { try connections[connection]?.send(bytes) } catch is ConnectionEnded {}
      case .reconcile(let totals):
        reconcile(totals)
      case .report(let list):
        lists.append((list, tweets.count))
      case .changeState(let new):
        status = new
      case .notify(let notice):
        notices.append(notice)
      }
    }
  }

  private func reconcile(_ totals: FenceTotals) {
    lineage = totals.lineage
    var repaired: UInt64 = 0
    for entry in totals.totals {
      let counted = table[entry.id] ?? 0
      #expect(counted <= entry.total, "\(entry.id) was counted twice")
      repaired += entry.total - min(counted, entry.total)
      table[entry.id] = entry.total
    }
    repairs.append(repaired)
  }
}

extension FeedReply {
  /// The value in the machine's own type.
  fileprivate init(_ value: RESPValue) {
    self =
      switch value {
      case .simpleString(let text): .status(text)
      case .error(let text): .failure(text)
      case .integer(let number): .integer(number)
      case .bulk(let bytes): .text(bytes)
      case .array(let elements): .list(elements?.map { FeedReply($0) })
      }
  }
}
