import Primitives
import Testing
import Wire

@testable import HubCore

@Suite struct QueryQueueTests {
  private let lineage: Lineage
  private let topic: TopicID
  private var table = ScoreTable(maximumCount: 4)
  private var queue = QueryQueue()

  init() throws {
    lineage = try #require(Lineage("a"))
    topic = try #require(TopicID("A"))
    for _ in 1...2 { _ = table.reconcile(lineage: lineage, totals: []) }
    let id = try ScoreID("A")
    for _ in 0..<10 { table.increment(id) }
    _ = table.takeFlush()
  }

  private func token(_ position: Position) -> ResumeToken {
    ResumeToken(lineage: lineage, position: position)
  }

  private func ids(_ asked: [AskedQuery]?) -> [UInt64] { (asked ?? []).map(\.query.id) }

  @Test("Equal queries are answered together, whatever their links and ids are")
  mutating func shared() {
    queue.append(Query(id: 1, .past(token(3))), of: 1)
    queue.append(Query(id: 2, .past(token(4))), of: 1)
    queue.append(Query(id: 3, .past(token(3))), of: 2)
    queue.append(Query(id: 4, .order(token(3))), of: 2)
    queue.append(Query(id: 5, .tweets(topic, count: 3)), of: 1)
    queue.append(Query(id: 6, .tweets(topic, count: 9)), of: 2)
    let batch = queue.take(knowing: table)
    #expect(batch.past.mapValues(ids) == [3: [1, 3], 4: [2]])
    #expect(batch.order.mapValues(ids) == [3: [4]])
    #expect(batch.tweets.mapValues(ids) == [topic: [5, 6]])
    #expect(batch.past[3]?.map(\.link) == [1, 2])
    #expect(batch.refused.isEmpty && queue.isEmpty)
  }

  @Test(
    "An unknown place is refused at once: of another lineage, never reached, or no longer kept")
  mutating func unknown() throws {
    table.increment(try ScoreID("A"))
    let other = ResumeToken(lineage: try #require(Lineage("b")), position: 3)
    for (id, place) in [(1, other), (2, token(11)), (3, token(10))] as [(UInt64, ResumeToken)] {
      queue.append(Query(id: id, .past(place)), of: 1)
      queue.append(Query(id: id + 10, .order(place)), of: 1)
    }
    let batch = queue.take(knowing: table)
    #expect(ids(batch.refused.map(\.asked)) == [1, 11, 2, 12])
    #expect(batch.refused.allSatisfy { $0.outcome == .unknown })
    #expect(batch.past.mapValues(ids) == [10: [3]])
  }

  @Test("While a fence is in progress totals are not answered, but tweets are independent of it")
  mutating func awaiting() {
    _ = table.awaitFence()
    queue.append(Query(id: 1, .past(token(3))), of: 1)
    queue.append(Query(id: 2, .tweets(topic, count: 3)), of: 1)
    let batch = queue.take(knowing: table)
    #expect(batch.refused.map(\.outcome) == [.unavailable])
    #expect(batch.tweets.count == 1)
  }

  @Test("While a rollback of Redis is in doubt, lists of tweets wait")
  mutating func doubtful() throws {
    let id = try ScoreID("A")
    _ = table.awaitFence()
    #expect(table.reconcile(lineage: lineage, totals: [ScoreTotal(id: id, total: 9)]) == .undecided)
    #expect(table.isInDoubt)
    queue.append(Query(id: 1, .tweets(topic, count: 3)), of: 1)
    queue.append(Query(id: 2, .past(token(3))), of: 1)
    let batch = queue.take(knowing: table)
    #expect(batch.tweets.isEmpty && batch.refused.map(\.outcome) == [.unavailable])
    #expect(table.reconcile(lineage: lineage, totals: [ScoreTotal(id: id, total: 10)]) == .confirmed)
    #expect(queue.take(knowing: table).tweets.mapValues(ids) == [topic: [1]])
    #expect(queue.isEmpty)
  }

  @Test("A place with more ids behind it than an answer may have is unknown")
  mutating func longOrder() throws {
    let id = try ScoreID("A")
    for _ in 0..<RelayProtocol.maximumOrderCount { table.increment(id) }
    _ = table.takeFlush()
    queue.append(Query(id: 1, .order(token(9))), of: 1)
    queue.append(Query(id: 2, .order(token(10))), of: 1)
    let batch = queue.take(knowing: table)
    #expect(ids(batch.refused.map(\.asked)) == [1])
    #expect(batch.order.mapValues(ids) == [10: [2]])
  }

  @Test("The answers of a tick are limited, and the others wait for the next one in their order")
  mutating func budget() throws {
    let id = try ScoreID("A")
    for _ in 0..<60_000 { table.increment(id) }
    _ = table.takeFlush()
    for id in UInt64(1)...5 { queue.append(Query(id: id, .order(token(10))), of: 1) }
    #expect(queue.take(knowing: table).order.mapValues(ids) == [10: [1, 2, 3]])
    #expect(queue.take(knowing: table).order.mapValues(ids) == [10: [4, 5]])
    #expect(queue.isEmpty)
    #expect(queue.take(knowing: table) == QueryQueue.Batch())
  }
}
