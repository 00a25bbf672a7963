import HubCore
import Primitives
import Testing
import Wire

@Suite struct EdgeLinkQueriesTests {
  private let limit = 4_194_304
  private let token: ResumeToken
  private var link: EdgeLink

  init() throws {
    token = ResumeToken(lineage: try #require(Lineage("a")), position: 7)
    link = try LinkFixture.welcomed().link
    link.snapshotQueued(backlog: 0, now: .origin)
  }

  @Test("A query before the welcome ends the link")
  func beforeHello() throws {
    var link = try LinkFixture().link
    guard case .close(let closure) = link.messageReceived(.query(Query(id: 1, .past(token))), now: .origin)
    else {
      Issue.record("the link was not closed")
      return
    }
    #expect(closure.end == .protocolError)
  }

  @Test("At most 256 queries wait; a further one is refused, and an answer makes room again")
  mutating func limits() {
    for id in UInt64(0)..<256 {
      let query = Query(id: id, .past(token))
      #expect(link.messageReceived(.query(query), now: .origin) == .answer(query))
    }
    let query = Query(id: 256, .order(token))
    #expect(link.messageReceived(.query(query), now: .origin) == .refuseQuery(query))
    #expect(link.unansweredQueries == 256)
    link.queryAnswered()
    #expect(link.messageReceived(.query(query), now: .origin) == .answer(query))
  }

  @Test("An answer is sent only while the edge follows, and has room for all of it")
  mutating func admission() throws {
    #expect(try !LinkFixture.welcomed().link.admitsAnswer(byteCount: 1))
    link.framesQueued(backlog: 100, now: .origin)
    #expect(link.admitsAnswer(byteCount: limit - 100))
    #expect(!link.admitsAnswer(byteCount: limit - 99))
    link.snapshotRequired()
    #expect(!link.admitsAnswer(byteCount: 1))
    link.snapshotQueued(backlog: 0, now: .origin)
    link.framesQueued(backlog: limit + 1, now: .origin)
    #expect(!link.admitsAnswer(byteCount: 1))
  }

  @Test("Each kind of query has its own answer for a refusal")
  func withoutAnswer() throws {
    let topic = try #require(TopicID("A"))
    #expect(
      Query(id: 1, .past(token)).answer(without: .unknown)
        == .pastTotals(PastTotals(id: 1, outcome: .unknown)))
    #expect(Query(id: 2, .order(token)).answer(without: .unknown) == .order(Order(id: 2, outcome: .unknown)))
    #expect(
      Query(id: 3, .tweets(topic, count: 1)).answer(without: .unavailable)
        == .tweets(Tweets(id: 3, outcome: .unavailable)))
  }
}
