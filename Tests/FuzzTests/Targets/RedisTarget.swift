import Primitives
import Redis
import TestSupport
import Wire

@testable import HubCore

/// A hub's feed and its stream, whose Redis is the input.
///
/// An input is only what Redis sends. Which connection it comes from follows from what is awaited: a subscriber's messages
/// and first replies from one, all other replies from the other. Two things cannot be in an input, and have a sign in it: a
/// message `@` on the fences' channel stands for the hub's present nonce, and a message on the channel `time` lets as many
/// milliseconds pass as its payload says.
private struct Feed {
  private var machine: FeedMachine
  private var stream = HubStream(ScorePacker(start: .origin))
  private var random = SeededGenerator(seed: 1)
  private var now = Instant.origin.advanced(by: .seconds(100))
  private var nonce: [UInt8] = []
  private var replies = 0

  init() throws {
    var configuration = FeedConfiguration()
    configuration.isInteractionEnabled = true
    machine = FeedMachine(configuration: configuration)
    try perform(machine.start(now: now))
  }

  mutating func receive(_ value: RESPValue) throws {
    guard let message = value.publishedMessage else {
      let isSubscription = machine.session?.subscription.requests.isEmpty == false
      return try perform(
        machine.replyReceived(
          FeedReply(value), on: isSubscription ? .subscription : .command, now: now, using: &random))
    }
    if message.channel.elementsEqual("time".utf8) {
      return try pass(Int64(String(decoding: message.payload, as: UTF8.self)).map { $0 & 0xffff } ?? 0)
    }
    let payload = message.payload == [UInt8(ascii: "@")] ? nonce : message.payload
    switch machine.messageReceived(channel: message.channel, payload: payload, now: now) {
    case .pass(let message): try perform(stream.brought(message, now: now))
    case .perform(let actions): try perform(actions)
    }
  }

  /// Time passes, until each deadline on the way.
  mutating func pass(_ milliseconds: Int64) throws {
    let end = now.advanced(by: .milliseconds(milliseconds))
    for _ in 0..<8 {
      let deadline = min(machine.deadline ?? end, stream.deadline ?? end, end)
      now = max(now, deadline)
      if stream.deadline.map({ $0 <= now }) == true { try perform(stream.tickHit(now: now)) }
      try perform(machine.timerTriggered(now: now, using: &random))
      if deadline == end { break }
    }
    now = end
  }

  private mutating func perform(_ actions: [FeedMachine.Action]) throws {
    for action in actions {
      switch action {
      case .connect:
        for connection in FeedConnection.allCases {
          try perform(machine.connectionEstablished(connection, now: now))
        }
      case .disconnect: break
      case .send(_, let commands):
        for command in commands where command.arguments.first?.elementsEqual("PUBLISH".utf8) == true {
          nonce = command.arguments.last ?? []
        }
      case .reconcile(let totals):
        let judgement = stream.fenced(totals, now: now)
        try perform(judgement.actions)
        try perform(machine.fenceJudged(judgement.verdict, now: now, using: &random))
      case .report(let list): try perform(stream.listed(list))
      case .changeState(let state): try perform(stream.feedChanged(to: state, now: now, using: &random))
      case .notify(let notice): try demand(!"\(notice)".isEmpty, "a notice without a word")
      }
    }
  }

  private mutating func perform(_ actions: [HubStream.Action]) throws {
    for action in actions {
      switch action {
      case .publish(let flush):
        try check(
          flush.scores(hubStampMicroseconds: 1).map { .scores($0) } + flush.rawBatches.map { .raw($0) })
      case .publishEvents(let events): try check(events.map { .topicEvent($0) })
      case .publishSnapshots: try check(stream.table.snapshot().map { .snapshot($0) })
      case .publishStatus(let status): try check([.feed(status)])
      case .answer(_, let messages): try check(messages)
      case .refuse(let asked, let outcome): try check([asked.query.answer(without: outcome)])
      case .listTweets(let topics): try perform(machine.listTweets(of: topics, now: now, using: &random))
      case .fence: machine.fenceSoon(now: now)
      case .announce: try perform(machine.announce(using: &random))
      case .requireSnapshots, .countForgotten: break
      }
    }
  }

  /// What goes to the edges is understood there.
  private func check(_ messages: [Message]) throws { try LinkFrames.checkEncoding(of: messages, from: .hub) }

  /// An edge asks for what it may ask.
  mutating func ask(_ topic: TopicID) throws {
    for (id, question) in [Query.Question.tweets(topic, count: 5), .fence].enumerated() {
      try perform(stream.asked(Query(id: UInt64(id), question), of: 1, now: now))
    }
  }

  /// The sum of the totals in a snapshot is its position: what edges and clients rely on.
  func checkTotals() throws {
    guard let last = stream.table.snapshot().last, stream.table.untrackedIncrements == 0 else { return }
    let totals = stream.table.snapshot().flatMap(\.entries).map(\.total)
    let sum = totals.reduce(UInt64(0)) { $0.addingReportingOverflow($1).partialValue }
    try demand(sum == last.position, "the totals are \(sum) together, the position is \(last.position)")
  }
}

/// The replies in bytes that arrive in pieces, and the error after them.
private struct Replies: Equatable {
  private(set) var values: [RESPValue] = []
  private(set) var error: RESPError?

  init(_ pieces: [ArraySlice<UInt8>]) {
    var reader = RESPReader(maximumByteCount: 1 << 16)
    do throws(RESPError) {
      for piece in pieces {
        try reader.feed(Array(piece))
        while let value = try reader.next() { values.append(value) }
      }
    } catch {
      self.error = error
    }
  }
}

extension FeedReply {
  /// As in the hub's `FeedDriver`, which is in a program of its own.
  fileprivate init(_ value: RESPValue) {
    self =
      switch value {
      case .simpleString(let text): .status(text)
      case .error(let text): .failure(text)
      case .integer(let number): .integer(number)
      case .bulk(let bytes): .text(bytes)
      case .array(let values): .list(values?.map(FeedReply.init))
      }
  }
}

extension FuzzTarget {
  /// Any division gives the same replies; the hub survives them in any order, and what it passes on is understood by edges.
  static let redis = FuzzTarget(
    name: "redis", subject: "what a hub receives from Redis", sizeMaximum: 6_000, seeds: redisSeeds
  ) { bytes in
    let whole = Replies([bytes[...]])
    for division in bytes.divisions {
      let replies = Replies(division)
      try demand(replies == whole, "other replies in pieces: \(replies), not \(whole)")
    }
    guard let topic = TopicID("A") else { throw Finding("a name") }
    var feed = try Feed()
    for (index, value) in whole.values.enumerated() {
      try feed.receive(value)
      if index % 16 == 15 { try feed.ask(topic) }
    }
    try feed.pass(20)
    try feed.checkTotals()
  }

  @Sendable private static func redisSeeds() -> [[UInt8]] {
    func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }
    func list(_ elements: [String]) -> String { "*\(elements.count)\r\n" + elements.joined() }
    func message(_ channel: String, _ payload: String) -> String {
      list([bulk("message"), bulk(channel), bulk(payload)])
    }
    let role = list([bulk("master"), ":0\r\n", "*0\r\n"])
    let subscribed = list([bulk("subscribe"), bulk("c"), ":1\r\n"])
    // Logged in and subscribed on both connections.
    let setup = role + "+OK\r\n" + String(repeating: subscribed, count: 4) + role + "+OK\r\n"
    func fence(_ totals: [String], _ lineage: String = "first") -> String {
      "+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n"
        + list([bulk(lineage), ":1\r\n", list(totals.map(bulk))]) + message("stream.relay_fence", "@")
    }
    let increments = message("stream.score_updates", "1F602") + message("stream.tweet_updates.A", "{}")
    let live =
      setup + fence(["1F602", "41", "2665", "7"]) + message("time", "60")
      + fence(["1F602", "41", "2665", "7"])
    let tweets =
      String(repeating: increments, count: 9) + "+OK\r\n+QUEUED\r\n+QUEUED\r\n"
      + list([":1\r\n", list([bulk("{}"), bulk("\"a\"")])])
    return [
      setup + "-NOPERM no\r\n", live + increments + message("time", "20"),
      live + tweets + message("time", "60"),
      live + message("time", "30000") + fence(["1F602", "40", "2665", "7"]) + message("time", "300"),
      live + message("time", "30000") + fence(["1F602", "1e21", "A", "-3", "B", "0.5"]),
      live + message("time", "30000") + fence([]) + message("time", "1000")
        + fence(["A", "9007199254740993"]),
      live + message("stream.relay_fence", "again:1") + message("time", "200")
        + fence(["1F602", "50"], "second"),
      live + message("time", "5000") + ":0\r\n" + message("time", "5000"),
      role + "-NOAUTH Authentication required.\r\n", list([bulk("slave"), bulk("10.0.0.1"), ":6379\r\n"]),
      "-ERR max number of clients reached\r\n", live + "*-1\r\n$-1\r\n-EXECABORT Transaction discarded\r\n",
      list([bulk("pmessage"), bulk("stream.*"), bulk("stream.interaction.request"), bulk("{\"a\":1}")])
        + live,
      setup + "-NOPERM this user has no permissions to run the 'eval' command\r\n+OK\r\n"
        + fence(["A", "1"]),
    ].map { Array($0.utf8) }
  }
}
