import Foundation
import Primitives
import Reactor
import Redis
import Synchronization
import TestSupport
import Testing
import Wire

extension IntegrationTests {
  @Suite("A hub's answers about the past")
  struct PastTests {
    private static let noEdges = Deployment.Options(edgeCount: 0)

    @Test("Totals and order at any place are exact at the answer's place, under load and through repairs")
    func totalsAndOrder() throws {
      try Deployment.run(Self.noEdges) { deployment in
        let edge = try ProbeEdge("edge-1", to: deployment.hub.linkAddress)
        defer { edge.close() }
        edge.send(.interest(Interest(.replace, [.raw])))
        let feed = try TweetFeed(deployment.redis.address, rate: 3_000)
        let lineage = try #require(try deployment.hub.page().scores.lineage.flatMap(Lineage.init))
        try wait(for: "raw ids") { edge.messages.contains { $0.type == .raw } }

        var questions: [UInt64: Query.Question] = [:]
        var random = SeededGenerator(seed: 5)
        for round in 0..<60 {
          let positions = edge.messages.compactMap(\.flushedPosition)
          for _ in 0..<4 {
            let token = ResumeToken(
              lineage: lineage, position: try #require(positions.randomElement(using: &random)))
            let id = UInt64(questions.count)
            let question = Bool.random(using: &random) ? Query.Question.past(token) : .order(token)
            questions[id] = question
            edge.ask(id, question)
          }
          letPass(.milliseconds(15))
          if round % 20 == 19 {
            // Increments without a subscriber are found by the fence, and have no order.
            try deployment.redis.client().command("CLIENT", "KILL", "TYPE", "pubsub")
            try feed.waitForMore(200)
            try wait(for: "the feed from Redis") { deployment.hub.isReady }
          }
        }
        try feed.stop()
        try edge.waitForAnswers(questions.count)
        var past = PastReader(questions: questions)
        for message in edge.messages { past.receive(message) }
        #expect(past.checkedTotals > 50 && past.checkedOrders > 50, "\(past.outcomes)")
        #expect(past.outcomes.values.reduce(0, +) == questions.count)
        // Everything sent can be queried, except while the feed is interrupted.
        #expect(past.outcomes[.unknown] == nil)
        let metrics = try deployment.hub.metrics()
        #expect(
          metrics[#"emojitrack_hub_queries_total{kind="past",outcome="answered"}"#]
            == Double(past.checkedTotals))
        #expect(metrics[#"emojitrack_hub_scores_repaired_total{when="reconnect"}"#].map { $0 > 0 } == true)
      }
    }

    @Test("Unknown places are refused, and so are excessive queries")
    func unknown() throws {
      try Deployment.run(Self.noEdges) { deployment in
        let edge = try ProbeEdge("edge-1", to: deployment.hub.linkAddress)
        defer { edge.close() }
        let page = try deployment.hub.page()
        let lineage = try #require(page.scores.lineage.flatMap(Lineage.init))
        let other = try #require(Lineage("other"))
        func token(_ position: Position) -> ResumeToken { ResumeToken(lineage: lineage, position: position) }
        edge.ask(1, .past(ResumeToken(lineage: other, position: page.scores.position)))
        edge.ask(2, .past(token(page.scores.position - 1)))
        edge.ask(3, .order(token(page.scores.position + 1)))
        edge.ask(4, .order(token(page.scores.position)))
        edge.ask(5, .tweets(try #require(TopicID("FFFF")), count: 10))
        try edge.waitForAnswers(5)
        let answers = edge.messages.filter(\.isLastOfAnswer)
        #expect(answers.contains(.pastTotals(PastTotals(id: 1, outcome: .unknown))))
        #expect(answers.contains(.pastTotals(PastTotals(id: 2, outcome: .unknown))))
        #expect(answers.contains(.order(Order(id: 3, outcome: .unknown))))
        #expect(answers.contains(.order(Order(id: 4, outcome: .answered))))
        #expect(answers.contains(.tweets(Tweets(id: 5, outcome: .answered))))

        // Redis executes nothing until the excess queries are refused, so all the others wait.
        let redis = try deployment.redis.client()
        deployment.redis.signal(SIGSTOP)
        for id in UInt64(10)..<310 { edge.ask(id, .tweets(try #require(TopicID("FFFF")), count: 1)) }
        try edge.waitForAnswers(5 + 44)
        deployment.redis.signal(SIGCONT)
        try edge.waitForAnswers(305)
        var outcomes: [QueryOutcome] = []
        for message in edge.messages {
          if case .tweets(let tweets) = message, tweets.id >= 10 { outcomes.append(tweets.outcome) }
        }
        #expect(outcomes.filter { $0 == .unavailable }.count == 44)
        #expect(outcomes.filter { $0 == .answered }.count == 256)
        let information = try redis.command("INFO", "commandstats")
        guard case .bulk(let statistics?) = information else {
          Issue.record("no statistics: \(information)")
          return
        }
        // One list for the first query and one for all the others.
        #expect(String(decoding: statistics, as: UTF8.self).contains("cmdstat_lrange:calls=2,"))
      }
    }

    @Test("The last tweets end at the answer's place: none is missing, and none is repeated")
    func tweets() throws {
      try Deployment.run(Self.noEdges) { deployment in
        let edge = try ProbeEdge("edge-1", to: deployment.hub.linkAddress)
        defer { edge.close() }
        let topics = try ["1F4C2", "2665", "1F1EF-1F1F5"].map { try #require(TopicID($0)) }
        edge.send(.interest(Interest(.replace, topics.map(Topic.details))))
        let feed = try NumberedFeed(deployment.redis.address, ids: topics.map(\.description))
        try wait(for: "tweets") { edge.messages.contains { $0.type == .topicEvent } }

        var questions: [UInt64: Query.Question] = [:]
        var random = SeededGenerator(seed: 6)
        for _ in 0..<200 {
          for _ in 0..<Int.random(in: 1...3, using: &random) {
            let id = UInt64(questions.count)
            let topic = try #require(topics.randomElement(using: &random))
            let count = Int.random(in: 1...10, using: &random)
            questions[id] = .tweets(topic, count: count)
            edge.ask(id, .tweets(topic, count: count))
          }
          letPass(.milliseconds(Int.random(in: 1...20, using: &random)))
        }
        try wait(for: "a feed that was busy") { edge.messages.count { $0.type == .topicEvent } > 1_000 }
        try feed.stop()
        try edge.waitForAnswers(questions.count)

        var last: [TopicID: Int] = [:]
        for message in edge.messages {
          switch message {
          case .topicEvent(let event):
            guard case .details(let topic) = event.source else { continue }
            let number = try #require(Int(String(decoding: event.payload, as: UTF8.self)))
            if let previous = last[topic] { #expect(number == previous + 1) }
            last[topic] = number
          case .tweets(let tweets):
            guard case .tweets(let topic, let count) = questions[tweets.id] else { continue }
            #expect(tweets.outcome == .answered)
            let numbers = tweets.payloads.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            let end = try #require(last[topic])
            #expect(numbers == Array((end - count + 1)...end).filter { $0 > 0 })
          default: break
          }
        }
      }
    }
  }
}

/// Writes tweets as fast as Redis accepts them, each id's numbered from 1.
private final class NumberedFeed: Sendable {
  private let isStopping = Mutex(false)
  private let isStopped = Mutex(false)

  init(_ address: SocketAddress, ids: [String]) throws {
    try LoopThread.start("test-feed") { [self] in
      defer { isStopped.withLock { $0 = true } }
      do {
        let redis = try RedisClient(address)
        var number = 1
        while !isStopping.withLock({ $0 }) {
          try redis.tweet(ids, payload: "\(number)")
          number += 1
        }
      } catch {
        Issue.record("the feed ended: \(error)")
      }
    }
  }

  func stop() throws {
    isStopping.withLock { $0 = true }
    try wait(for: "the end of the feed") { isStopped.withLock { $0 } }
  }
}

extension Message {
  /// The position that the receiver reaches with this message.
  fileprivate var flushedPosition: Position? {
    switch self {
    case .scores(let scores): scores.position
    default: nil
    }
  }
}
