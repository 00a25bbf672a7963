import EdgeCore
import Primitives
import TestSupport
import Testing
import Wire

struct HubLinkTests {
  private let node: NodeName
  private let version: SoftwareVersion
  private var random = SeededGenerator(seed: 7)

  init() throws {
    node = try #require(NodeName("edge-1"))
    version = try #require(SoftwareVersion("test"))
  }

  private func welcome(version number: UInt8 = RelayProtocol.highestVersion) throws -> Message {
    .welcome(
      Welcome(
        version: number, node: try #require(NodeName("hub")), softwareVersion: version,
        tickIntervalMilliseconds: 17,
        pingIntervalMilliseconds: 1000, reportIntervalMilliseconds: 5000))
  }

  private func live() throws -> HubLink {
    var link = HubLink(node: node, softwareVersion: version, now: moment(0))
    #expect(link.timerTriggered(now: moment(0)) == .connect)
    _ = link.connectionOpened(lineage: nil, position: 0, now: moment(10))
    #expect(link.messageReceived(try welcome(), now: moment(20)) == .begin)
    return link
  }

  @Test("The link connects at once, sends its hello, and is up with the welcome")
  func comesUp() throws {
    var link = HubLink(node: node, softwareVersion: version, now: moment(0))
    #expect(link.deadline == moment(0))
    #expect(link.timerTriggered(now: moment(0)) == .connect)
    #expect(link.deadline == nil)
    let lineage = try #require(Lineage("abc"))
    let hello = link.connectionOpened(lineage: lineage, position: 5, now: moment(10))
    #expect(hello == Hello(node: node, softwareVersion: version, lastLineage: lineage, lastPosition: 5))
    #expect(!link.isLive)
    #expect(link.messageReceived(try welcome(), now: moment(20)) == .begin)
    #expect(link.isLive)
  }

  @Test(
    "A hub of an earlier version is answered in that version, and one of a later version is left",
    arguments: [1, 2, 3, 4])
  func versions(number: UInt8) throws {
    var link = HubLink(node: node, softwareVersion: version, now: moment(0))
    _ = link.timerTriggered(now: moment(0))
    #expect(link.connectionOpened(lineage: nil, position: 0, now: moment(0)).versions == 1...3)
    let action = link.messageReceived(try welcome(version: number), now: moment(1))
    if number == 4 {
      #expect(action == .disconnect(because: "the hub chose protocol version 4, which we do not speak"))
    } else {
      #expect(action == .begin && link.version == number)
    }
  }

  @Test("A hub that sends no welcome in time, or another message first, is left")
  func greetingFails() throws {
    var link = HubLink(node: node, softwareVersion: version, now: moment(0))
    _ = link.timerTriggered(now: moment(0))
    _ = link.connectionOpened(lineage: nil, position: 0, now: moment(0))
    var other = link
    #expect(link.timerTriggered(now: moment(4_999)) == .none)
    #expect(
      link.timerTriggered(now: moment(5_000)) == .disconnect(because: "the hub did not welcome us in time"))
    let feed = Message.feed(FeedStatus(state: .live, isAnchored: true))
    #expect(
      other.messageReceived(feed, now: moment(1))
        == .disconnect(because: "the hub's first message was not a welcome"))
  }

  @Test("Another protocol version is refused by number")
  func wrongVersion() throws {
    var link = HubLink(node: node, softwareVersion: version, now: moment(0))
    _ = link.timerTriggered(now: moment(0))
    _ = link.connectionOpened(lineage: nil, position: 0, now: moment(0))
    #expect(
      link.messageReceived(try welcome(version: 9), now: moment(1))
        == .disconnect(because: "the hub chose protocol version 9, which we do not speak"))
  }

  @Test("The link pings and reports on time, and leaves a hub that has been silent for six pings")
  func heartbeats() throws {
    var link = try live()
    #expect(link.deadline == moment(1_020))
    #expect(
      link.timerTriggered(now: moment(1_020))
        == .send(Ping(stamp: moment(1_020).nanoseconds), reportIsDue: false))
    #expect(link.messageReceived(.pong(Pong(stamp: moment(1_020).nanoseconds)), now: moment(1_025)) == .none)
    #expect(link.roundTrip == .milliseconds(5))
    #expect(link.messageReceived(.ping(Ping(stamp: 3)), now: moment(1_030)) == .reply(Pong(stamp: 3)))
    #expect(
      link.timerTriggered(now: moment(5_020))
        == .send(Ping(stamp: moment(5_020).nanoseconds), reportIsDue: true))
    #expect(
      link.timerTriggered(now: moment(7_030)) == .disconnect(because: "the hub has been silent for too long"))
  }

  @Test("The link is fresh only with a complete snapshot, a live feed and a hub that is heard")
  func freshness() throws {
    var link = try live()
    let lineage = try #require(Lineage("abc"))
    #expect(!link.isFresh(at: moment(20)))
    _ = link.messageReceived(.feed(FeedStatus(state: .live, isAnchored: true)), now: moment(30))
    _ = link.messageReceived(
      .snapshot(Snapshot(lineage: lineage, position: 0, isLast: false, entries: [])), now: moment(30))
    #expect(!link.isFresh(at: moment(30)))
    _ = link.messageReceived(
      .snapshot(Snapshot(lineage: lineage, position: 0, isLast: true, entries: [])), now: moment(30))
    #expect(link.isFresh(at: moment(30)))
    #expect(link.isFresh(at: moment(3_030)))
    #expect(!link.isFresh(at: moment(3_031)))
    _ = link.messageReceived(.feed(FeedStatus(state: .interrupted, isAnchored: true)), now: moment(40))
    #expect(!link.isFresh(at: moment(40)))
  }

  @Test(
    "Data counts as fresh up to the last message, not up to the detection of the silence")
  func freshUntil() throws {
    var link = try live()
    let lineage = try #require(Lineage("abc"))
    _ = link.messageReceived(.feed(FeedStatus(state: .live, isAnchored: true)), now: moment(30))
    #expect(link.freshUntil == nil, "it has no totals yet")
    _ = link.messageReceived(
      .snapshot(Snapshot(lineage: lineage, position: 0, isLast: true, entries: [])), now: moment(40))
    _ = link.messageReceived(.ping(Ping(stamp: 3)), now: moment(1_000))
    #expect(link.freshUntil == moment(1_000))
    var random = SeededGenerator(seed: 1)
    _ = link.connectionClosed(now: moment(7_000), random: &random)
    #expect(link.freshUntil == moment(1_000))
  }

  @Test("If Redis fell silent, the pings of its hub do not make the data fresh")
  func freshUntilTheLastFlush() throws {
    let lineage = try #require(Lineage("abc"))
    func freshUntil(flushAt milliseconds: Int64) throws -> Instant? {
      var link = try live()
      _ = link.messageReceived(.feed(FeedStatus(state: .live, isAnchored: true)), now: moment(30))
      _ = link.messageReceived(
        .snapshot(Snapshot(lineage: lineage, position: 0, isLast: true, entries: [])), now: moment(40))
      let flush = Scores(position: 1, hubStampMicroseconds: 0, entries: [])
      _ = link.messageReceived(.scores(flush), now: moment(milliseconds))
      for second in 10...20 {
        _ = link.messageReceived(.ping(Ping(stamp: 3)), now: moment(Int64(second) * 1_000))
      }
      let interrupted = FeedStatus(state: .interrupted, isAnchored: true)
      for time in [20_500, 21_500] { _ = link.messageReceived(.feed(interrupted), now: moment(Int64(time))) }
      return link.freshUntil
    }
    #expect(try freshUntil(flushAt: 11_000) == moment(11_000))
    #expect(try freshUntil(flushAt: 5_000) == moment(10_500), "the hub's probe would have told")
  }

  @Test(
    "The delays before reconnecting grow, start over after an established link, and respect the hub's request"
  )
  func backsOff() throws {
    var random = random
    var link = HubLink(node: node, softwareVersion: version, now: moment(0))
    var delays: [Duration] = []
    for _ in 0..<8 { delays.append(link.connectionClosed(now: moment(0), random: &random)) }
    #expect(delays[0] <= .milliseconds(100) && delays[7] >= .milliseconds(2_500) && delays[7] <= .seconds(5))
    var welcomed = try live()
    #expect(welcomed.connectionClosed(now: moment(0), random: &random) <= .milliseconds(100))
    var sentAway = try live()
    let goAway = GoAway(reason: .overloaded, retryAfterMilliseconds: 9_000, text: "full")
    #expect(
      sentAway.messageReceived(.goAway(goAway), now: moment(30))
        == .disconnect(because: "the hub sent us away (overloaded: full)"))
    #expect(sentAway.connectionClosed(now: moment(30), random: &random) == .seconds(9))
    #expect(sentAway.deadline == moment(9_030))
  }

  @Test("A message that only an edge may send is refused from a hub")
  func wrongDirection() throws {
    var link = try live()
    #expect(
      link.messageReceived(.interest(Interest(.add, [.raw])), now: moment(30))
        == .disconnect(because: "the hub sent what only an edge may send"))
  }

  @Test("The answer to the ping behind an interest confirms it, and no earlier one does")
  func confirmsInterest() throws {
    var link = try live()
    #expect(link.tickInterval == .milliseconds(17))
    let pings = [link.interestSent(now: moment(30)), link.interestSent(now: moment(40))]
    let (first, second) = (try #require(pings[0]), try #require(pings[1]))
    #expect(link.messageReceived(.pong(Pong(stamp: first.stamp)), now: moment(50)) == .none)
    #expect(link.messageReceived(.pong(Pong(stamp: second.stamp)), now: moment(51)) == .confirmInterest)
    #expect(link.messageReceived(.pong(Pong(stamp: second.stamp)), now: moment(52)) == .none)
    var resting = HubLink(node: node, softwareVersion: version, now: moment(0))
    let none = resting.interestSent(now: moment(0))
    #expect(none == nil)
  }

  @Test("The state of a hub's feed is delivered to the merge too")
  func deliversFeed() throws {
    var link = try live()
    let feed = Message.feed(FeedStatus(state: .live, isAnchored: true))
    #expect(link.messageReceived(feed, now: moment(30)) == .deliver)
  }
}
