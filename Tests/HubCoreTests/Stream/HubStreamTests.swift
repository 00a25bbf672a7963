import Primitives
import Testing
import Wire

@testable import HubCore

@Suite struct HubStreamTests {
  @Test("An idle stream has no timer, and an unneeded tick sends nothing")
  func idle() throws {
    var hub = try HubStreamFixture()
    #expect(hub.stream.deadline == nil)
    #expect(hub.stream.tickHit(now: hub.at(17)).isEmpty)
  }

  @Test("A tick sends scores first, then events of topics in their order, then answers")
  func order() throws {
    var hub = try HubStreamFixture()
    let first = try hub.tweet("a", at: 1)
    let second = hub.increment(2, at: 2)
    let third = try hub.tweet("b", at: 3)
    #expect((first + second + third).isEmpty)
    _ = hub.stream.asked(Query(id: 7, .past(hub.token(0))), of: 1, now: hub.at(4))
    #expect(hub.stream.deadline == hub.at(17))
    let actions = hub.stream.tickHit(now: hub.at(17))
    #expect(actions.map(\.word) == ["scores 2", "events a@0 b@2", "answer 7"])
    #expect(hub.stream.deadline == nil)
  }

  @Test("Only the first event arms the tick, and later ones do not move it")
  func arming() throws {
    var hub = try HubStreamFixture()
    _ = try hub.tweet("a", at: 20)
    #expect(hub.stream.deadline == hub.at(34))
    _ = try hub.tweet("b", at: 33)
    #expect(hub.stream.deadline == hub.at(34))
  }

  @Test("Events are sent at once if too many bytes of them wait")
  func overfull() throws {
    var hub = try HubStreamFixture()
    let text = String(repeating: "x", count: 16_000)
    var actions: [HubStream.Action] = []
    var count = 0
    while actions.isEmpty {
      actions = try hub.tweet(text)
      count += 1
    }
    guard case .publishEvents(let events) = try #require(actions.first) else {
      Issue.record("\(actions)")
      return
    }
    #expect(events.count == count && count * 16_000 > TopicQueue.bytesMaximum)
    #expect((count - 1) * 16_000 <= TopicQueue.bytesMaximum)
    #expect(hub.stream.tickHit(now: hub.at(17)).isEmpty)
  }

  @Test("The first fence begins a lineage, and nothing from before is sent ahead of it")
  func firstFence() throws {
    var hub = try HubStreamFixture(fencedAt: nil)
    _ = hub.increment(2, at: 1)
    _ = try hub.tweet("a", at: 2)
    #expect(hub.stream.deadline == hub.at(17))
    #expect(hub.stream.tickHit(now: hub.at(17)).isEmpty)
    #expect(hub.stream.deadline == nil)
    let judgement = try hub.fence(5, at: 18)
    #expect(judgement.actions.map(\.word) == ["lineage", "snapshots"])
    #expect(judgement.verdict == .next(.confirming))
    #expect(hub.stream.tickHit(now: hub.at(34)).isEmpty)
    #expect(try hub.fence(5, at: 20).actions.map(\.word) == ["snapshots"])
    // As far as is known, all missed increments lie before the tweet.
    #expect(hub.stream.deadline == hub.at(34))
    #expect(hub.stream.tickHit(now: hub.at(34)).map(\.word) == ["scores 5", "events a@5"])
  }

  @Test("Another lineage closes the old one: its scores and events are sent before the new one begins")
  func laterLineage() throws {
    var hub = try HubStreamFixture()
    _ = hub.increment(3)
    _ = try hub.tweet("a")
    let judgement = try hub.fence(1, of: "second")
    #expect(
      judgement.actions.map(\.word) == [
        "scores 3", "events a@3", "lineage", "announce", "snapshots", "feed interrupted false",
      ])
    #expect(hub.stream.tickHit(now: hub.at(17)).isEmpty)
    let confirmed = try hub.fence(1, of: "second", at: 50)
    #expect(confirmed.actions.map(\.word) == ["snapshots", "feed live true"])
  }

  @Test("Totals that went backwards need another name at once, and are not sent")
  func backwards() throws {
    var hub = try HubStreamFixture(fencedAt: 5)
    let judgement = try hub.fence(4)
    #expect(judgement.reconciliation == .wentBackwards([hub.cat]))
    #expect(judgement.actions.isEmpty && judgement.verdict == .renameLineage(hub.lineage))
  }

  @Test("Increments that were missed before a fence lie before the events that arrived during it")
  func missed() throws {
    var hub = try HubStreamFixture(fencedAt: 5)
    _ = hub.feedChanged(to: .interrupted(.flowStopped))
    _ = try hub.tweet("a", at: 1)
    #expect(try hub.fence(9, at: 2).reconciliation == .undecided)
    #expect(try hub.fence(9, at: 3).reconciliation == .repaired(4))
    #expect(hub.stream.tickHit(now: hub.at(17)).map(\.word) == ["scores 9", "events a@9"])
  }

  @Test("Events since an interruption are in the new lineage, at their places in it")
  func unplaced() throws {
    var hub = try HubStreamFixture(fencedAt: 50)
    _ = hub.feedChanged(to: .interrupted(.flowStopped))
    _ = try hub.tweet("a", at: 1)
    _ = hub.increment(at: 1)
    _ = try hub.tweet("b", at: 1)
    let judgement = try hub.fence(9, of: "second", at: 2)
    #expect(judgement.actions.map(\.word) == ["lineage", "announce", "snapshots"])
    _ = try hub.fence(9, of: "second", at: 3)
    #expect(hub.stream.tickHit(now: hub.at(17)).map(\.word) == ["scores 9", "events a@8 b@9"])
  }

  @Test("Events whose place cannot be known, because the feed broke again, are dropped and counted")
  func brokenAgain() throws {
    var hub = try HubStreamFixture(fencedAt: 5)
    _ = hub.feedChanged(to: .interrupted(.flowStopped))
    _ = try hub.tweet("a", at: 1)
    let again = hub.feedChanged(to: .interrupted(.flowStopped))
    #expect(again.map(\.word) == ["forgot 1", "feed interrupted false"])
    _ = try hub.fence(5, at: 2)
    #expect(hub.stream.tickHit(now: hub.at(17)).isEmpty)
  }

  @Test(
    "While a rollback of Redis is in doubt nothing is sent, and edges learn of an interrupted feed"
  )
  func doubt() throws {
    var hub = try HubStreamFixture(fencedAt: 5)
    _ = hub.increment(2)
    _ = hub.feedChanged(to: .interrupted(.flowStopped))
    #expect(try hub.fence(6).verdict == .next(.confirming))
    #expect(try hub.fence(6).verdict == .next(.confirmation))
    #expect(hub.feedChanged(to: .anchored).map(\.word) == ["feed interrupted false"])
    _ = try hub.tweet("a", at: 1)
    #expect(hub.stream.tickHit(now: hub.at(17)).isEmpty)
    #expect(try hub.fence(7, at: 18).actions.map(\.word) == ["snapshots", "feed live true"])
    #expect(hub.stream.tickHit(now: hub.at(34)).map(\.word) == ["events a@7"])
  }

  @Test("Excess is taken back: events first, then snapshots, and the other hubs check too")
  func correction() throws {
    var hub = try HubStreamFixture(fencedAt: 5)
    _ = hub.increment(2)
    _ = hub.stream.tickHit(now: hub.at(17))
    _ = try hub.tweet("a", at: 18)
    for _ in 1..<DriftConfirmation.fencesMaximum { #expect(try hub.fence(5).reconciliation == .undecided) }
    let judgement = try hub.fence(5)
    #expect(judgement.reconciliation == .corrected(repaired: 0, overcounted: 2))
    #expect(judgement.actions.map(\.word) == ["events a@7", "lineage", "announce", "snapshots"])
    #expect(hub.stream.table.position == 5)
    #expect(hub.stream.tickHit(now: hub.at(34)).isEmpty)
  }

  @Test("An interruption flushes everything that is known, and is then reported")
  func interruption() throws {
    var hub = try HubStreamFixture()
    _ = hub.increment(2)
    _ = try hub.tweet("a")
    let actions = hub.feedChanged(to: .interrupted(.flowStopped))
    #expect(actions.map(\.word) == ["scores 2", "events a@2", "feed interrupted false"])
    #expect(hub.stream.deadline == nil)
    #expect(hub.stream.feedState == .interrupted(.flowStopped))
  }

  @Test("Without a fence the hub begins a lineage of its own, and reports that it is not anchored")
  func unanchored() throws {
    var hub = try HubStreamFixture(fencedAt: nil)
    _ = hub.increment(2)
    let actions = hub.feedChanged(to: .unanchored(.tooManyIDs))
    #expect(actions.map(\.word) == ["lineage", "snapshots", "feed live false"])
    let lineage = hub.stream.table.lineage
    #expect(lineage != nil)
    #expect(hub.feedChanged(to: .unanchored(.tooManyIDs)).map(\.word) == ["snapshots", "feed live false"])
    #expect(hub.stream.table.lineage == lineage)
  }

  @Test("Edges are told the true state of the feed: not known yet, anchored, interrupted")
  func status() throws {
    var hub = try HubStreamFixture(fencedAt: nil)
    #expect(hub.stream.feedStatus == FeedStatus(state: .interrupted, isAnchored: false))
    for _ in 1...2 { _ = try hub.fence(1) }
    #expect(hub.feedChanged(to: .anchored) == [.publishStatus(FeedStatus(state: .live, isAnchored: true))])
  }
}
