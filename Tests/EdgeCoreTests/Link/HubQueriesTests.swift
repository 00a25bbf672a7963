import EdgeCore
import Primitives
import Testing
import Wire

struct HubQueriesTests {
  private let query: Query
  private let totals: [ScoreTotal]

  init() throws {
    query = Query(id: 7, .past(ResumeToken(lineage: try #require(Lineage("abc")), position: 5)))
    totals = [ScoreTotal(id: try id("A"), total: 3)]
  }

  private func part(_ isLast: Bool) -> Message {
    .pastTotals(PastTotals(id: 7, isLast: isLast, entries: totals))
  }

  private func refusal(_ outcome: QueryOutcome) -> Message {
    .pastTotals(PastTotals(id: 7, outcome: outcome))
  }

  @Test("The best hub is asked, and its answer is delivered as a whole")
  func answered() {
    var queries = HubQueries()
    #expect(queries.queryPosed(query, to: [1, 0]) == .send(query, hub: 1))
    #expect(queries.answerReceived(part(false), from: 1) == nil)
    #expect(queries.answerReceived(part(true), from: 1) == .deliver([part(false), part(true)], from: 1))
    #expect(queries.count == 0)
    #expect(queries.answerReceived(part(true), from: 1) == nil)
  }

  @Test("A query that one hub cannot answer goes to the next one, and the last refusal is the answer")
  func refused() {
    var queries = HubQueries()
    _ = queries.queryPosed(query, to: [0, 1])
    #expect(queries.answerReceived(refusal(.unavailable), from: 0) == .send(query, hub: 1))
    #expect(queries.answerReceived(refusal(.unknown), from: 1) == .deliver([refusal(.unknown)], from: 1))
  }

  @Test("If a hub is lost amid an answer, all of that answer is dropped")
  func died() {
    var queries = HubQueries()
    _ = queries.queryPosed(query, to: [0, 1])
    _ = queries.answerReceived(part(false), from: 0)
    #expect(queries.linkClosed(to: 1).isEmpty)
    #expect(queries.linkClosed(to: 0) == [.send(query, hub: 1)])
    #expect(queries.answerReceived(part(true), from: 0) == nil, "it is no longer asked")
    #expect(queries.answerReceived(part(true), from: 1) == .deliver([part(true)], from: 1))
  }

  @Test("Without a hub, or when the last one is lost, the query is given up")
  func nobody() {
    var queries = HubQueries()
    #expect(queries.queryPosed(query, to: []) == .giveUp(query))
    _ = queries.queryPosed(query, to: [0])
    #expect(queries.linkClosed(to: 0) == [.giveUp(query)])
    #expect(queries.count == 0)
  }
}
