import EdgeCore
import Primitives
import Testing
import Wire

@Suite struct EdgeStreamQuestionsTests {
  private let resume = StreamOptions(isResumable: true)
  private static let firstRepair: UInt64 = (1 << 63) + 1

  /// The number of the only query.
  private func question(_ actions: [String], at hub: Int = 0) throws -> UInt64 {
    let asked = actions.filter { $0.hasPrefix("ask \(hub) ") }
    try #require(asked.count == 1 && actions.count == 1, "\(actions)")
    return try #require(UInt64(asked[0].split(separator: " ")[2]))
  }

  @Test("A client begins at the end of the turn if the edge knows its place, behind new updates")
  func known() throws {
    var edge = try EdgeStreamFixture()
    _ = try edge.scores(2)
    #expect(edge.request(1, .identifiedEPS(.full), resume).isEmpty)
    #expect(edge.stream.openingDeadline == edge.now)
    #expect(edge.turn() == [#"update {"A":2} since 0"#, "open [1] id:L:2"])
    #expect(edge.stream.openingDeadline == nil)
  }

  @Test("Tweets precede an opening although scores keep their pace, and the opening repeats none of them")
  func paced() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    edge.wait(100)
    _ = try edge.scores(1)
    _ = edge.turn()
    edge.wait(3)
    _ = try edge.scores(2)
    _ = try edge.tweet("a")
    _ = edge.request(1, .identifiedEPS(.full), resume)
    #expect(edge.turn() == ["events a since 0", "open [1] id:L:1"])
    let due = try #require(edge.stream.paceDeadline)
    #expect(words(edge.stream.paceTimerTriggered(now: due)) == [#"update {"A":1} since 0"#])
  }

  @Test("A list of tweets waits until an earlier one has been passed on that a hub's link holds back")
  func heldBack() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    _ = edge.stream.clientJoined(.allDetails)
    // The second hub has not confirmed that it sends all tweets.
    _ = try edge.tweet("a", from: 1)
    #expect(edge.turn() == [])
    _ = edge.request(1, .details(edge.topic), StreamOptions(backfill: 2))
    let first = try question(edge.turn())
    #expect(try edge.tweets(["a", "b"], to: first) == [])
    edge.stream.interestConfirmed(by: 1)
    _ = try edge.scores(1, from: 1)
    edge.wait(1_100)
    _ = edge.stream.timePassed(now: edge.now)
    let actions = edge.turn()
    #expect(actions.first?.hasPrefix("update a ") == true, "\(actions)")
    let second = try question(actions.filter { $0.hasPrefix("ask") })
    #expect(try edge.tweets(["a", "b"], to: second) == ["open [1] a b"])
  }

  @Test("A list of tweets does not wait for a copy of a tweet that was passed on")
  func heldCopy() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    _ = edge.stream.clientJoined(.allDetails)
    _ = try edge.tweet("a", from: 1)
    _ = try edge.tweet("a", from: 0)
    #expect(edge.turn().first?.hasPrefix("update a ") == true)
    _ = edge.request(1, .details(edge.topic), StreamOptions(backfill: 2))
    let query = try question(edge.turn())
    #expect(try edge.tweets(["a", "b"], to: query) == ["open [1] a b"])
  }

  @Test("For an unknown place the edge asks one hub after the other, and begins with the answer")
  func asked() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    _ = edge.request(1, .details(edge.topic), StreamOptions(backfill: 2))
    let query = try question(edge.turn())
    let none = Message.tweets(Tweets(id: query, outcome: .unavailable))
    #expect(words(edge.receive(none)) == ["ask 1 \(query)"])
    #expect(try edge.tweets(["a", "b", "c"], to: query, from: 1) == ["open [1] b c"])
    #expect(edge.turn() == [])
  }

  @Test(
    "A client with a place at an edge without a hub is admitted, and continues when a hub connects")
  func noHub() throws {
    var edge = try EdgeStreamFixture(hubCount: 0)
    edge.stream = EdgeStream(hubCount: 1, interestLinger: .seconds(10))
    let place = ResumePoint.token(ResumeToken(lineage: edge.lineage, position: 3))
    _ = edge.request(1, .identifiedEPS(.full), resume, place)
    _ = edge.request(2, .details(edge.topic), StreamOptions(backfill: 2))
    #expect(edge.turn() == [])
    edge.now = try #require(edge.stream.openingDeadline)
    #expect(edge.turn().sorted() == ["admit [1]", "admit [2]"])
    edge.wait(60_000)
    #expect(try edge.open(0, total: 3).contains("tell 0 1"))
    let actions = edge.turn()
    #expect(actions.filter { $0.hasPrefix("open") } == ["open [1] id:L:3"])
    let query = try question(actions.filter { $0.hasPrefix("ask") })
    #expect(try edge.tweets(["a", "b", "c"], to: query) == ["open [2] b c"])
  }

  @Test(
    "Soon after the start a hub's denial is not the last word, because another hub may remember more",
    arguments: [true, false])
  func newEdge(otherHubComes: Bool) throws {
    var edge = try EdgeStreamFixture(hubCount: 0)
    edge.stream = EdgeStream(hubCount: 2, interestLinger: .seconds(10))
    _ = try edge.open(0, total: 9)
    _ = edge.turn()
    let place = ResumePoint.token(ResumeToken(lineage: edge.lineage, position: 3))
    _ = edge.request(1, .identifiedEPS(.full), resume, place)
    for _ in 0..<3 {
      let query = try question(edge.turn())
      #expect(words(edge.receive(.pastTotals(PastTotals(id: query, outcome: .unknown)))) == [])
      #expect(edge.turn() == [])
      edge.wait(200)
    }
    guard otherHubComes else {
      edge.wait(5_000)
      let actions = edge.turn()
      #expect(actions.count == 1 && actions[0].contains("unknown_position"))
      return
    }
    _ = try edge.open(1, total: 9)
    let query = try question(edge.turn())
    #expect(words(edge.receive(.pastTotals(PastTotals(id: query, outcome: .unknown)))) == ["ask 1 \(query)"])
    for part in PastTotals.parts(id: query, entries: [ScoreTotal(id: try id("A"), total: 3)]) {
      _ = edge.receive(.pastTotals(part), from: 1)
    }
    #expect(edge.turn() == [#"open [1] {"A":6}"#])
  }

  @Test("When a link ends, its queries go to the next hub; without one they wait, and are repeated")
  func linkClosed() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    _ = edge.request(1, .details(edge.topic), StreamOptions(backfill: 2))
    let query = try question(edge.turn())
    #expect(edge.close(0) == ["ask 1 \(query)"])
    #expect(edge.close(1) == [])
    #expect(edge.turn() == [])
    _ = try edge.open(1)
    edge.wait(200)
    #expect(try question(edge.turn(), at: 1) != query)
  }

  @Test("A list of tweets is sent behind earlier tweets, and contains them once")
  func listBehindTweets() throws {
    var edge = try EdgeStreamFixture()
    _ = edge.request(1, .details(edge.topic), StreamOptions(backfill: 3))
    let query = try question(edge.turn())
    _ = try edge.tweet("b")
    #expect(try edge.tweets(["a", "b"], to: query) == ["events b since 0", "open [1] a b"])
  }

  // MARK: Repairs

  /// An edge with a client of the topic that was sent "a", and whose only hub was away.
  private func returned() throws -> (edge: EdgeStreamFixture, actions: [String]) {
    var edge = try EdgeStreamFixture()
    _ = edge.stream.clientJoined(.details(edge.topic))
    _ = try edge.tweet("a")
    _ = edge.turn()
    _ = edge.close(0)
    let actions = try edge.open(0)
    return (edge, actions)
  }

  @Test("After an outage the last tweets are queried; missed ones precede those that arrived meanwhile")
  func repair() throws {
    var (edge, actions) = try returned()
    #expect(actions == ["tell 0 1", "ask 0 \(Self.firstRepair)"])
    _ = try edge.tweet("d", 1)
    #expect(edge.turn() == [], "it is held back")
    #expect(try edge.tweets(["a", "b", "c"], to: Self.firstRepair) == [])
    #expect(edge.turn() == ["update b c d since 0"])
  }

  @Test("Without an answer the held tweets are passed on alone")
  func noRepair() throws {
    var (edge, _) = try returned()
    _ = try edge.tweet("d", 1)
    let none = Message.tweets(Tweets(id: Self.firstRepair, outcome: .unavailable))
    #expect(edge.receive(none) == [.endTurn])
    #expect(edge.turn() == ["update d since 0"])
  }

  @Test("A list with tweets that are still to be sent to all begins no client: it is queried again")
  func openingWhileHolding() throws {
    var (edge, _) = try returned()
    _ = edge.request(1, .details(edge.topic), StreamOptions(backfill: 3))
    let query = try question(edge.turn())
    #expect(try edge.tweets(["a", "b"], to: query) == [])
    #expect(edge.turn() == [])
    #expect(try edge.tweets(["a", "b"], to: Self.firstRepair) == [])
    #expect(edge.turn() == ["update b since 0"])
    edge.wait(200)
    let again = try question(edge.turn())
    #expect(try edge.tweets(["a", "b"], to: again) == ["open [1] a b"])
  }
}
