import Primitives
import Testing
import Wire

@testable import HubCore

@Suite struct HubStreamQueriesTests {
  @Test("A query for a place is answered with its totals, and one for an order with its ids")
  func answers() throws {
    var hub = try HubStreamFixture()
    _ = hub.increment(3)
    _ = hub.stream.tickHit(now: hub.at(17))
    _ = hub.stream.asked(Query(id: 1, .past(hub.token(2))), of: 1, now: hub.at(18))
    _ = hub.stream.asked(Query(id: 2, .past(hub.token(2))), of: 2, now: hub.at(18))
    _ = hub.stream.asked(Query(id: 3, .order(hub.token(1))), of: 2, now: hub.at(18))
    #expect(hub.stream.deadline == hub.at(34))
    let actions = hub.stream.tickHit(now: hub.at(34))
    let links = actions.compactMap { if case .answer(let asked, _) = $0 { asked.link } else { nil } }
    #expect(HubStreamFixture.answers(actions) == [1, 2, 3] && links == [1, 2, 2])
    let total = ScoreTotal(id: hub.cat, total: 2)
    guard case .answer(_, let past) = actions[1], case .answer(_, let order) = actions[2] else {
      Issue.record("\(actions)")
      return
    }
    #expect(past == PastTotals.parts(id: 2, entries: [total]).map(Message.pastTotals))
    #expect(order == Order.parts(id: 3, runs: [(2, [hub.cat, hub.cat])]).map(Message.order))
  }

  @Test("Refusals are sent ahead of answers")
  func refused() throws {
    var hub = try HubStreamFixture()
    _ = hub.increment(2)
    _ = hub.stream.asked(Query(id: 1, .past(hub.token(1))), of: 1, now: hub.at(1))
    _ = hub.stream.asked(Query(id: 2, .past(hub.token(9))), of: 1, now: hub.at(1))
    let actions = hub.stream.tickHit(now: hub.at(17))
    #expect(actions.map(\.word) == ["scores 2", "refuse 2 unknown", "answer 1"])
  }

  @Test("Scores that arrived by the tick are sent first, and the answer waits for them")
  func pending() throws {
    var hub = try HubStreamFixture()
    _ = hub.stream.asked(Query(id: 1, .past(hub.token(0))), of: 1, now: hub.at(1))
    _ = hub.increment(at: 18)
    let early = hub.stream.tickHit(now: hub.at(18))
    #expect(early.isEmpty)
    #expect(hub.stream.deadline == hub.at(34))
    #expect(hub.stream.tickHit(now: hub.at(34)).map(\.word) == ["scores 1", "answer 1"])
  }

  @Test("Answers beyond the limit of a tick follow with the next one")
  func rest() throws {
    var hub = try HubStreamFixture()
    _ = hub.increment(RelayProtocol.maximumOrderCount)
    _ = hub.stream.tickHit(now: hub.at(17))
    let fitting = QueryQueue.itemsMaximum / RelayProtocol.maximumOrderCount
    for id in 0...fitting {
      _ = hub.stream.asked(Query(id: UInt64(id), .order(hub.token(0))), of: 1, now: hub.at(18))
    }
    #expect(HubStreamFixture.answers(hub.stream.tickHit(now: hub.at(34))).count == fitting)
    #expect(hub.stream.deadline == hub.at(51))
    #expect(HubStreamFixture.answers(hub.stream.tickHit(now: hub.at(51))) == [UInt64(fitting)])
    #expect(hub.stream.deadline == nil)
  }

  @Test(
    "Tweets are read once for all queries, and each gets its number of them, after earlier events")
  func tweets() throws {
    var hub = try HubStreamFixture()
    _ = hub.stream.asked(Query(id: 1, .tweets(hub.topic, count: 1)), of: 1, now: hub.at(1))
    _ = hub.stream.asked(Query(id: 2, .tweets(hub.topic, count: 9)), of: 2, now: hub.at(1))
    #expect(hub.stream.tickHit(now: hub.at(17)) == [.listTweets([hub.topic])])
    _ = try hub.tweet("c", at: 18)
    let list = ["a", "b", "c"].map { Array($0.utf8) }
    let actions = hub.stream.listed(TweetList(topic: hub.topic, payloads: list))
    #expect(actions.map(\.word) == ["events c@0", "answer 1", "answer 2"])
    guard case .answer(_, let one) = actions[1], case .answer(_, let all) = actions[2] else { return }
    #expect(try one == [.tweets(Tweets(id: 1, payloads: list.suffix(1)))])
    #expect(try all == [.tweets(Tweets(id: 2, payloads: list))])
    #expect(hub.stream.listed(TweetList(topic: hub.topic, payloads: list)).isEmpty, "nobody asks any more")
  }

  @Test("A list that is not available, or arrives during a fence, answers no query")
  func noTweets() throws {
    var hub = try HubStreamFixture()
    for (id, payloads) in [(1, nil), (2, [Array("a".utf8)])] as [(UInt64, [[UInt8]]?)] {
      _ = hub.stream.asked(Query(id: id, .tweets(hub.topic, count: 3)), of: 1, now: hub.at(1))
      _ = hub.stream.tickHit(now: hub.at(17))
      if payloads != nil { _ = hub.feedChanged(to: .interrupted(.flowStopped)) }
      let actions = hub.stream.listed(TweetList(topic: hub.topic, payloads: payloads))
      #expect(HubStreamFixture.refusals(actions) == [id: .unavailable] && actions.count == 1)
    }
  }

  @Test("A query with other totals for a place is refused")
  func checks() throws {
    var hub = try HubStreamFixture()
    _ = hub.increment(3)
    _ = hub.stream.tickHit(now: hub.at(17))
    var checksum = Checksum()
    checksum.add(2, of: hub.cat.weight)
    for (number, check) in [checksum.check, checksum.check ^ 1].enumerated() {
      let token = ResumeToken(lineage: hub.lineage, position: 2, check: check)
      _ = hub.stream.asked(Query(id: UInt64(number), .past(token)), of: 1, now: hub.at(18))
      _ = hub.stream.asked(Query(id: UInt64(number) + 10, .order(token)), of: 1, now: hub.at(18))
    }
    _ = hub.stream.asked(Query(id: 20, .past(hub.token(2))), of: 1, now: hub.at(18))
    let actions = hub.stream.tickHit(now: hub.at(34))
    #expect(HubStreamFixture.answers(actions) == [0, 20, 10])
    #expect(HubStreamFixture.refusals(actions) == [1: .unknown, 11: .unknown])
  }

  @Test("A query for a fence is answered once a fence that began later has ended, behind its results")
  func fences() throws {
    var hub = try HubStreamFixture(fencedAt: 5)
    let asked = hub.stream.asked(Query(id: 1, .fence), of: 1, now: hub.at(10))
    #expect(asked == [.fence])
    _ = try hub.fence(5, begunAt: 9, at: 12)
    #expect(hub.stream.deadline == nil, "that one began before")
    _ = hub.increment(at: 19)
    _ = try hub.fence(6, begunAt: 18, at: 20)
    #expect(hub.stream.tickHit(now: hub.at(34)).map(\.word) == ["scores 6", "answer 1"])
  }

  @Test("A query for a fence that is impossible is refused, at once or when the feed breaks")
  func noFence() throws {
    var hub = try HubStreamFixture(fencedAt: nil)
    let early = hub.stream.asked(Query(id: 1, .fence), of: 1, now: hub.at(1))
    #expect(HubStreamFixture.refusals(early) == [1: .unavailable])
    for _ in 1...2 { _ = try hub.fence(1) }
    _ = hub.feedChanged(to: .anchored)
    _ = hub.stream.asked(Query(id: 2, .fence), of: 1, now: hub.at(2))
    let broken = hub.feedChanged(to: .interrupted(.flowStopped))
    #expect(HubStreamFixture.refusals(broken) == [2: .unavailable])
  }
}
