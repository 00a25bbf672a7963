import EdgeCore
import Primitives
import Testing
import Wire

struct HubMergeTests {
  private let ours: Lineage
  private let theirs: Lineage

  init() throws {
    ours = try #require(Lineage("ours"))
    theirs = try #require(Lineage("theirs"))
  }

  private func snapshot(_ lineage: Lineage, _ total: UInt64, isLast: Bool = true) throws -> Message {
    .snapshot(
      Snapshot(
        lineage: lineage, position: total, isLast: isLast,
        entries: [ScoreTotal(id: try id("A"), total: total)]))
  }

  private func scores(_ position: Position, _ total: UInt64, untracked: [ScoreDelta] = []) throws -> Message {
    .scores(
      Scores(
        position: position, hubStampMicroseconds: 0, entries: [ScoreTotal(id: try id("A"), total: total)],
        untracked: untracked))
  }

  private func open(
    _ merge: inout HubMerge, _ hub: Int, _ lineage: Lineage, _ total: UInt64, isAnchored: Bool = true
  ) throws {
    merge.linkOpened(to: hub, now: moment(0))
    merge.received(try snapshot(lineage, total), from: hub, now: moment(0))
    merge.received(
      .feed(FeedStatus(state: .live, isAnchored: isAnchored)), from: hub, now: moment(0))
    merge.freshnessChanged(of: hub, to: true)
    merge.interestConfirmed(by: hub)
  }

  private func taken(_ merge: inout HubMerge) -> [Message] { merge.takeMerged().map(\.message) }

  @Test("Messages of a single hub are passed on as they arrive")
  func single() throws {
    var merge = HubMerge(hubCount: 1)
    try open(&merge, 0, ours, 3)
    #expect(taken(&merge) == [try snapshot(ours, 3)])
    let event = try TopicEvent(
      stamp: TopicStamp(position: 3, ordinal: 0), source: .details(try #require(TopicID("A"))), payload: [])
    let messages: [Message] = [
      try scores(4, 4, untracked: [ScoreDelta(id: try id("Z"), delta: 2)]),
      .raw(RawBatch(firstPosition: 4, ids: [try id("A")])), .topicEvent(event),
      .gap(Gap(skippedRaw: 1, skippedTopicEvents: 1)), try snapshot(theirs, 1),
    ]
    for message in messages { merge.received(message, from: 0, now: moment(1)) }
    #expect(taken(&merge) == messages)
    #expect(merge.lineage == theirs)
  }

  @Test("The parts of a snapshot and of a flush are passed on together, with the last one")
  func parts() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 0, ours, 3)
    _ = taken(&merge)
    merge.received(try scores(3, 5), from: 0, now: moment(1))
    #expect(taken(&merge).isEmpty)
    merge.received(try scores(6, 6), from: 0, now: moment(1))
    let entries = [ScoreTotal(id: try id("A"), total: 5), ScoreTotal(id: try id("A"), total: 6)]
    #expect(taken(&merge) == [.scores(Scores(position: 6, hubStampMicroseconds: 0, entries: entries))])
    merge.received(try snapshot(ours, 8, isLast: false), from: 0, now: moment(1))
    #expect(taken(&merge).isEmpty)
    merge.received(try snapshot(ours, 8), from: 0, now: moment(1))
    #expect(taken(&merge).count == 1)
  }

  @Test("A part is dropped if its hub is lost")
  func partLost() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 0, ours, 3)
    merge.received(try scores(3, 5), from: 0, now: moment(1))
    merge.linkClosed(to: 0, now: moment(1))
    try open(&merge, 0, ours, 4)
    _ = taken(&merge)
    merge.received(try scores(6, 6), from: 0, now: moment(1))
    #expect(taken(&merge) == [try scores(6, 6)])
  }

  @Test("Growth without totals is taken from one hub only")
  func untracked() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 0, ours, 3)
    try open(&merge, 1, ours, 3)
    _ = taken(&merge)
    let delta = ScoreDelta(id: try id("Z"), delta: 2)
    merge.received(try scores(6, 4, untracked: [delta]), from: 1, now: moment(1))
    #expect(taken(&merge) == [try scores(6, 4)])
    merge.received(try scores(6, 4, untracked: [delta]), from: 0, now: moment(1))
    #expect(taken(&merge) == [try scores(6, 4, untracked: [delta])])
  }

  @Test(
    "The edge follows the lineage of the first hub that is anchored and fresh, from its totals at that time"
  )
  func lineages() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 1, theirs, 7)
    #expect(merge.lineage == theirs)
    try open(&merge, 0, ours, 3)
    #expect(merge.lineage == ours)
    #expect(!merge.isFollowed(1))
    #expect(taken(&merge).last == (try snapshot(ours, 3)))
    merge.received(try scores(9, 9), from: 1, now: moment(1))
    merge.received(.raw(RawBatch(firstPosition: 9, ids: [try id("A")])), from: 1, now: moment(1))
    #expect(taken(&merge).isEmpty, "not of our lineage")

    merge.linkClosed(to: 0, now: moment(2))
    merge.timePassed(now: moment(10_000))
    #expect(merge.lineage == theirs)
    #expect(taken(&merge) == [try snapshot(theirs, 9)])
    merge.received(.raw(RawBatch(firstPosition: 1, ids: [try id("A")])), from: 1, now: moment(3))
    #expect(taken(&merge).count == 1, "positions start over")
  }

  @Test("An unanchored hub is followed only if no hub is anchored")
  func unanchored() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 1, ours, 7)
    try open(&merge, 0, theirs, 3, isAnchored: false)
    #expect(merge.lineage == ours)
    merge.freshnessChanged(of: 1, to: false)
    #expect(merge.lineage == theirs)
    merge.freshnessChanged(of: 1, to: true)
    #expect(merge.lineage == ours)
  }

  @Test(
    "The edge returns to a lineage only if no anchored fresh hub has another, and never to a hub it does not hear"
  )
  func left() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 0, ours, 7)
    try open(&merge, 1, theirs, 3)
    merge.linkClosed(to: 0, now: moment(1))
    #expect(merge.lineage == theirs)
    try open(&merge, 0, ours, 8)
    #expect(merge.lineage == theirs, "frames of what was may still be under way")
    merge.freshnessChanged(of: 0, to: false)
    merge.linkClosed(to: 1, now: moment(2))
    #expect(merge.lineage == theirs, "nobody is heard")
    merge.freshnessChanged(of: 0, to: true)
    #expect(merge.lineage == theirs, "it may not have heard of that yet")
    merge.timePassed(now: moment(10_000))
    #expect(merge.lineage == theirs)
    merge.timePassed(now: moment(10_001))
    #expect(merge.lineage == ours)
  }

  @Test("A hub that moves back to a lineage that was left is followed at once")
  func restored() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 0, ours, 7)
    try open(&merge, 1, ours, 7)
    merge.received(try snapshot(theirs, 3), from: 1, now: moment(1))
    #expect(merge.lineage == ours)
    merge.linkClosed(to: 0, now: moment(2))
    #expect(merge.lineage == theirs)
    merge.received(try snapshot(ours, 6), from: 1, now: moment(3))
    #expect(merge.lineage == ours)
  }

  @Test("A new hub is trusted once the other one has sent everything before it, or after a second")
  func trust() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 0, ours, 3)
    try open(&merge, 1, ours, 3)
    _ = taken(&merge)
    #expect(merge.askable == [0, 1])
    merge.received(try scores(6, 6), from: 1, now: moment(10))
    let batch = Message.raw(RawBatch(firstPosition: 7, ids: [try id("B")]))
    merge.received(try scores(7, 6), from: 1, now: moment(20))
    merge.received(batch, from: 1, now: moment(20))
    _ = taken(&merge)
    merge.timePassed(now: moment(1_000))
    #expect(taken(&merge).isEmpty)
    merge.timePassed(now: moment(1_010))
    #expect(taken(&merge) == [batch])
  }

  @Test("Held messages are passed on at once when the other hubs are lost, without those that they sent")
  func heir() throws {
    var merge = HubMerge(hubCount: 2)
    try open(&merge, 0, ours, 3)
    try open(&merge, 1, ours, 3)
    merge.received(.raw(RawBatch(firstPosition: 4, ids: [try id("A")])), from: 0, now: moment(1))
    merge.received(
      .raw(RawBatch(firstPosition: 4, ids: [try id("A"), try id("B")])), from: 1, now: moment(1))
    _ = taken(&merge)
    merge.linkClosed(to: 0, now: moment(2))
    #expect(taken(&merge) == [.raw(RawBatch(firstPosition: 5, ids: [try id("B")]))])
    #expect(merge.askable == [1])
  }

  @Test("A hub that skipped nothing is trusted rather than a new one")
  func unbroken() throws {
    var merge = HubMerge(hubCount: 3)
    for hub in 0...2 { try open(&merge, hub, ours, 3) }
    for position in Position(4)...6 {
      for hub in 0...2 { merge.received(try scores(position, position), from: hub, now: moment(1)) }
    }
    merge.linkClosed(to: 1, now: moment(2))
    try open(&merge, 1, ours, 6)
    // With further topics only the first hub is trusted for now, although the last one skipped nothing.
    merge.interestAdded()
    merge.received(.raw(RawBatch(firstPosition: 7, ids: [try id("A")])), from: 2, now: moment(3))
    merge.received(.raw(RawBatch(firstPosition: 8, ids: [try id("B")])), from: 1, now: moment(3))
    _ = taken(&merge)
    merge.linkClosed(to: 0, now: moment(4))
    #expect(taken(&merge) == [.raw(RawBatch(firstPosition: 7, ids: [try id("A")]))])
  }

  @Test("Events of a further topic are live only from when the hub that is asked for its list knew of it")
  func beforeTheList() throws {
    var merge = HubMerge(hubCount: 2)
    for hub in 0...1 { try open(&merge, hub, ours, 3) }
    for position in Position(4)...6 {
      for hub in 0...1 { merge.received(try scores(position, position), from: hub, now: moment(1)) }
    }
    merge.interestAdded()
    let topic = TopicEvent.Source.details(try #require(TopicID("A")))
    let early = try TopicEvent(stamp: TopicStamp(position: 7, ordinal: 0), source: topic, payload: [])
    let late = try TopicEvent(stamp: TopicStamp(position: 9, ordinal: 0), source: topic, payload: [])
    // The second hub knows of the topic before the event, the first one only after it.
    merge.interestConfirmed(by: 1)
    merge.received(try scores(8, 8), from: 1, now: moment(2))
    merge.received(.topicEvent(early), from: 1, now: moment(2))
    merge.interestConfirmed(by: 0)
    for position in Position(8)...10 {
      for hub in 0...1 { merge.received(try scores(position, position), from: hub, now: moment(3)) }
    }
    merge.received(.topicEvent(late), from: 1, now: moment(3))
    let events = taken(&merge).filter { if case .topicEvent = $0 { true } else { false } }
    #expect(events == [.topicEvent(late)])
  }
}
