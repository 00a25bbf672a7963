import HubCore
import Primitives
import TestSupport
import Testing
import Wire

@Suite("Feed simulation")
struct FeedSimulationTests {
  @Test(
    "Totals and lists of tweets are exact in any interleaving, through lost connections",
    arguments: 1...60 as ClosedRange<UInt64>)
  func interleavings(seed: UInt64) throws {
    var simulation = try Simulation(seed: seed)
    for _ in 0..<6000 { try simulation.step() }
    #expect(simulation.fenceCount > 0, "seed \(seed)")
  }

  @Test("The simulation meets both orders of nonce and answer")
  func bothOrders() throws {
    var simulation = try Simulation(seed: 4711)
    for _ in 0..<40_000 { try simulation.step() }
    #expect(simulation.answerFirstCount > 10)
    #expect(simulation.nonceFirstCount > 10)
    #expect(simulation.repairedCount > 100)
    #expect(simulation.listCount > 10)
  }
}

/// A machine, a small driver, a table that counts all increments, and writers, in random order.
private struct Simulation {
  private let seed: UInt64
  private let ids: [ScoreID]
  private var random: SeededGenerator
  private var redis = FakeRedis()
  private var machine = FeedMachine(configuration: FeedConfiguration())
  private var now = Instant(nanoseconds: 1_000_000_000)
  private var isConnecting: Set<FeedConnection> = []
  private var isEstablished: Set<FeedConnection> = []
  private var table: [ScoreID: UInt64] = [:]
  /// The totals at the publication of the last delivered message.
  private var truth: [ScoreID: UInt64] = [:]
  private(set) var fenceCount = 0
  private(set) var answerFirstCount = 0
  private(set) var nonceFirstCount = 0
  private(set) var repairedCount: UInt64 = 0
  private let topic: TopicID
  /// The last tweets at the publication of the last delivered message.
  private var tweets: [[UInt8]] = []
  private(set) var listCount = 0

  init(seed: UInt64) throws {
    self.seed = seed
    random = SeededGenerator(seed: seed)
    topic = try #require(TopicID("A"))
    ids = try (0..<5).map { try ScoreID("id\($0)") }
    perform(machine.start(now: now))
  }

  mutating func step() throws {
    now = now.advanced(by: .milliseconds(1))
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<10:
      redis.tweet(Array("\(now.nanoseconds)".utf8))
    case 10..<35:
      redis.increment(ids[Int.random(in: 0..<ids.count, using: &random)])
    case 35..<60:
      guard isEstablished.contains(.subscription), redis.subscriptionReplies.isEmpty, !redis.messages.isEmpty
      else { return }
      let delivery = redis.takeMessage()
      truth = delivery.totals
      tweets = delivery.tweets
      receive(delivery)
    case 60..<70:
      guard !redis.subscriptionReplies.isEmpty else { return }
      perform(
        machine.replyReceived(redis.takeSubscriptionReply(), on: .subscription, now: now, using: &random))
    case 70..<85:
      guard !redis.commandReplies.isEmpty else { return }
      let actions = machine.replyReceived(redis.takeCommandReply(), on: .command, now: now, using: &random)
      if actions.contains(where: \.isAdoption) { nonceFirstCount += 1 }
      perform(actions)
    case 85..<90:
      guard let connection = isConnecting.randomElement(using: &random) else { return }
      isConnecting.remove(connection)
      isEstablished.insert(connection)
      perform(machine.connectionEstablished(connection, now: now))
    case 90..<92:
      perform(machine.listTweets(of: [topic], now: now, using: &random))
    case 92:
      perform(machine.fence(now: now, using: &random))
    case 93 where Int.random(in: 0..<4, using: &random) == 0:
      perform(machine.connectionClosed(.command, reason: "lost", now: now, using: &random))
    default:
      guard let deadline = machine.deadline, deadline <= now else { return }
      perform(machine.timerTriggered(now: now, using: &random))
    }
  }

  private mutating func receive(_ delivery: FakeRedis.Delivery) {
    switch machine.messageReceived(channel: delivery.channel, payload: delivery.payload, now: now) {
    case .pass(.increment(let id)):
      table[id, default: 0] += 1
    case .pass(.topicEvent):
      break
    case .pass(let message):
      Issue.record("seed \(seed): \(message)")
    case .perform(let actions):
      if actions.contains(where: \.isAdoption) { answerFirstCount += 1 }
      perform(actions)
    }
  }

  private mutating func perform(_ actions: [FeedMachine.Action]) {
    for action in actions {
      switch action {
      case .connect:
        isConnecting = [.subscription, .command]
      case .disconnect:
        isConnecting = []
        isEstablished = []
        redis.disconnect()
      case .send(let connection, let commands):
        #expect(isEstablished.contains(connection))
        for command in commands { redis.execute(command, on: connection) }
      case .reconcile(let totals):
        reconcile(totals)
      case .report(let list):
        guard let payloads = list.payloads else { continue }
        listCount += 1
        #expect(payloads == tweets, "seed \(seed)")
      case .changeState, .notify:
        break
      }
    }
  }

  private mutating func reconcile(_ totals: FenceTotals) {
    fenceCount += 1
    for entry in totals.totals {
      let counted = table[entry.id] ?? 0
      #expect(counted <= entry.total, "seed \(seed): \(entry.id) was counted twice")
      repairedCount += entry.total - min(counted, entry.total)
      table[entry.id] = entry.total
    }
    #expect(table == truth, "seed \(seed), fence \(fenceCount)")
  }
}

extension FeedMachine.Action {
  fileprivate var isAdoption: Bool {
    if case .reconcile = self { true } else { false }
  }
}
