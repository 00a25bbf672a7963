import HubCore
import Primitives
import Testing
import Wire

@Suite struct EdgeLinkFlowTests {
  private let limit = 4_194_304
  private var link: EdgeLink

  init() throws {
    link = try LinkFixture.welcomed().link
    link.snapshotQueued(backlog: 1_000, now: .origin)
    link.bytesSent(backlog: 0, now: .origin)
  }

  @Test("Before the hello nothing is admitted, and nothing counts as skipped")
  func beforeHello() throws {
    var link = try LinkFixture().link
    #expect(!link.admitsScores)
    #expect(link.admitsRaw(count: 5) == false)
    #expect(link.admitsTopicEvent() == false)
    #expect(link.skippedRaw == 0)
    #expect(link.takeGap() == nil)
  }

  @Test("A welcomed edge gets nothing before its snapshot, and a gap then tells what it missed")
  func snapshotFirst() throws {
    var link = try LinkFixture.welcomed().link
    #expect(!link.admitsScores)
    #expect(link.admitsTopicEvent() == false)
    #expect(link.takeGap() == Gap(skippedRaw: 0, skippedTopicEvents: 1))
    link.snapshotQueued(backlog: 1_000, now: .origin)
    #expect(link.admitsScores)
    #expect(link.admitsTopicEvent() == true)
    #expect(link.takeGap() == nil)
  }

  @Test("At the limit frames are admitted, one byte beyond it they are skipped and counted")
  mutating func boundary() {
    link.framesQueued(backlog: limit, now: .origin)
    #expect(link.admitsRaw(count: 3) == true)
    link.framesQueued(backlog: limit + 1, now: .origin)
    #expect(link.flow == .skipping)
    #expect(!link.admitsScores)
    #expect(link.admitsRaw(count: 3) == false)
    #expect(link.admitsTopicEvent() == false)
    #expect(link.skippedRaw == 3)
    #expect(link.skippedTopicEvents == 1)
  }

  @Test("An edge that asks on and on and reads no answer is disconnected, and one that is only slow is not")
  mutating func unreadReplies() throws {
    let query = Message.query(Query(id: 1, .fence))
    let ping = Message.ping(Ping(stamp: 1))
    link.framesQueued(backlog: 1_000, now: .origin)
    for _ in 0..<16_384 {
      #expect(link.messageReceived(ping, now: .origin) == .send(.pong(Pong(stamp: 1))))
    }
    // It takes some of the bytes, and then all of them.
    var slow = link
    slow.bytesSent(backlog: 0, now: seconds(1))
    #expect(slow.messageReceived(ping, now: seconds(1)) == .send(.pong(Pong(stamp: 1))))
    link.bytesSent(backlog: 1, now: seconds(1))
    for message in [ping, query] {
      var link = link
      guard case .close(let closure) = link.messageReceived(message, now: .origin) else {
        Issue.record("the link was not closed")
        continue
      }
      #expect(closure.end == .stalled)
      #expect(closure.farewell?.reason == .overloaded)
    }
  }

  @Test(
    "A skipping link needs a snapshot when it is empty, not earlier, and then goes on after gap and snapshot")
  mutating func drain() {
    link.framesQueued(backlog: limit + 1, now: .origin)
    _ = link.admitsRaw(count: 3)
    link.bytesSent(backlog: 1, now: seconds(1))
    #expect(!link.needsSnapshot)
    #expect(link.admitsRaw(count: 4) == false)
    link.bytesSent(backlog: 0, now: seconds(2))
    #expect(link.needsSnapshot)
    // While a fence is in progress there is no snapshot: events skipped meanwhile belong to the gap.
    #expect(link.admitsTopicEvent() == false)
    #expect(link.takeGap() == Gap(skippedRaw: 7, skippedTopicEvents: 1))
    link.snapshotQueued(backlog: 500, now: seconds(3))
    #expect(link.admitsRaw(count: 1) == true)
    #expect(link.takeGap() == nil)
    #expect(link.skippedRaw == 7)
  }

  @Test("A snapshot larger than the limit does not make the link skip forever")
  func largeSnapshot() throws {
    var link = try LinkFixture.welcomed().link
    link.snapshotQueued(backlog: 3 * limit, now: .origin)
    link.framesQueued(backlog: 4 * limit, now: .origin)
    #expect(link.flow == .following)
    link.framesQueued(backlog: 4 * limit + 1, now: .origin)
    #expect(link.flow == .skipping)
  }

  @Test("Once a large snapshot is sent, the usual limit holds again")
  func usualLimit() throws {
    var link = try LinkFixture.welcomed().link
    link.snapshotQueued(backlog: 3 * limit, now: .origin)
    link.bytesSent(backlog: limit, now: .origin)
    link.framesQueued(backlog: limit + 1, now: .origin)
    #expect(link.flow == .skipping)
  }

  @Test("A new lineage requires a snapshot at once, unless the link skips")
  mutating func lineage() {
    link.snapshotRequired()
    #expect(link.needsSnapshot)
    link.snapshotQueued(backlog: 100, now: .origin)
    link.framesQueued(backlog: limit + 101, now: .origin)
    link.snapshotRequired()
    #expect(link.flow == .skipping)
  }

  @Test("A connection that takes no byte for thirty seconds ends the link, however small its backlog is")
  mutating func stall() {
    link.framesQueued(backlog: 10, now: seconds(100))
    link.framesQueued(backlog: 20, now: seconds(110))
    link.bytesReceived(now: seconds(129.9))
    guard case .ping = link.timerTriggered(now: seconds(129.9)) else {
      Issue.record("no ping")
      return
    }
    #expect(link.deadline == seconds(130))
    guard case .close(let closure) = link.timerTriggered(now: seconds(130)) else {
      Issue.record("the link was not closed")
      return
    }
    #expect(closure.end == .stalled)
    #expect(closure.farewell?.reason == .overloaded)
  }

  @Test("Every byte that is taken postpones the timeout, and an empty backlog has none")
  mutating func progress() {
    link.framesQueued(backlog: 10, now: seconds(100))
    link.bytesSent(backlog: 9, now: seconds(129))
    link.bytesReceived(now: seconds(158))
    guard case .ping = link.timerTriggered(now: seconds(158)) else {
      Issue.record("no ping")
      return
    }
    link.bytesSent(backlog: 0, now: seconds(158))
    link.bytesReceived(now: seconds(300))
    guard case .ping = link.timerTriggered(now: seconds(300)) else {
      Issue.record("no ping")
      return
    }
    link.framesQueued(backlog: 5, now: seconds(300))
    #expect(link.deadline == seconds(301))
  }
}
