import EdgeCore
import Primitives
import Testing
import Wire

@Suite struct EdgeStreamTests {
  @Test("Any message of a hub requests the end of the turn, which makes one update of all of them")
  func turn() throws {
    var edge = try EdgeStreamFixture()
    #expect(try edge.scores(1, stamp: 70) == [])
    let raw = edge.receive(.raw(RawBatch(firstPosition: 1, ids: [try id("A")])))
    #expect(raw == [.endTurn])
    #expect(try edge.scores(3, stamp: 90) == [])
    #expect(
      edge.turn() == [#"update A {"A":3} since 70"#], "a later flush waits no longer than the first one")
    #expect(edge.turn() == [])
  }

  @Test("The time since which an update waited belongs to that update, and not to the next one")
  func stamp() throws {
    var edge = try EdgeStreamFixture()
    _ = try edge.scores(1, stamp: 70)
    _ = edge.turn()
    _ = try edge.tweet("a")
    #expect(edge.turn() == ["update a since 0"])
    _ = try edge.scores(2, stamp: 80)
    #expect(edge.turn() == [#"update {"A":1} since 80"#])
  }

  @Test("With several hubs updates keep a pace, and a waiting one is sent when it is due")
  func pace() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    edge.wait(100)
    _ = try edge.scores(1)
    #expect(edge.turn() == [#"update {"A":1} since 0"#])
    edge.wait(3)
    _ = try edge.scores(2, from: 1)
    #expect(edge.turn() == [])
    let due = try #require(edge.stream.paceDeadline)
    #expect(edge.now < due)
    edge.now = due
    #expect(words(edge.stream.paceTimerTriggered(now: due)) == [#"update {"A":1} since 0"#])
    #expect(edge.stream.paceDeadline == nil)
  }

  @Test("A hub that sends its welcome gets the whole interest, and all live hubs get later changes")
  func interest() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    #expect(words(edge.stream.clientJoined(.details(edge.topic))) == ["tell 0 1", "tell 1 1"])
    #expect(words(edge.stream.clientJoined(.details(edge.topic))) == [])
    _ = edge.close(0)
    let other = try #require(TopicID("1F603"))
    #expect(words(edge.stream.clientJoined(.details(other))) == ["tell 1 1"])
    _ = edge.close(1)
    #expect(words(edge.stream.clientJoined(.allDetails)) == [], "nobody is there")
    #expect(try edge.open(0).contains("tell 0 3"))
  }

  @Test("The hubs are told when a topic has had no clients for a while")
  func expiry() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    _ = edge.stream.clientJoined(.details(edge.topic))
    edge.stream.clientLeft(.details(edge.topic), now: edge.now)
    #expect(words(edge.stream.timePassed(now: edge.now)) == [])
    edge.wait(10_000)
    _ = edge.close(1)
    #expect(words(edge.stream.timePassed(now: edge.now)) == ["send 0 interest"])
    #expect(edge.stream.topicCount == 0)
  }

  @Test("The clients' data is fresh while one hub is fresh and followed")
  func freshness() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    #expect(edge.stream.isFresh)
    _ = edge.close(0)
    #expect(edge.stream.isFresh)
    _ = edge.close(1)
    #expect(!edge.stream.isFresh)
    _ = edge.stream.linkOpened(to: 0, version: 2, tickInterval: .milliseconds(16), now: edge.now)
    _ = edge.stream.freshnessChanged(of: 0, to: true, now: edge.now)
    #expect(!edge.stream.isFresh, "nothing is known of its lineage")
  }

  @Test("A change of lineage is reported with the one that was left; the first lineage is no change")
  func lineages() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    #expect(edge.stream.lineage == edge.lineage)
    _ = edge.close(0)
    #expect(try edge.open(0, "M", total: 5) == ["tell 0 0", "leave L"])
    #expect(edge.stream.isFollowed(0) && !edge.stream.isFollowed(1) && edge.stream.isFresh)
    #expect(edge.close(0) == [])
    #expect(!edge.stream.isFresh, "the other hub may not have heard of that yet")
    edge.wait(10_000)
    #expect(words(edge.stream.timePassed(now: edge.now)) == ["leave M"])
    #expect(edge.stream.lineage == edge.lineage && edge.stream.isFresh)
  }
}
