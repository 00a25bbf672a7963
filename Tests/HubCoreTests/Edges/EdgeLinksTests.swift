import Primitives
import TestSupport
import Testing
import Wire

@testable import HubCore

/// A link that keeps what it is sent.
private final class RecordingChannel: EdgeChannel {
  let number: Int
  var machine: EdgeLink?
  var backlog = 0
  var now: Instant { .origin }
  private var decoder = FrameDecoder(from: .hub)
  private(set) var closure: EdgeLink.Closure?
  private var messages: [Message] = []

  init(_ number: Int, _ machine: EdgeLink) {
    self.number = number
    self.machine = machine
  }

  func transmit(_ bytes: [UInt8]) {
    decoder.append(bytes.span)
    do {
      while let message = try decoder.next() { messages.append(message) }
    } catch {
      Issue.record("\(error)")
    }
  }

  func close(_ closure: EdgeLink.Closure) {
    self.closure = closure
    machine = nil
  }

  func armTimer() {}

  /// What was sent since the last call.
  func takeMessages() -> [Message] { messages.takeAll() }
}

@Suite struct EdgeLinksTests {
  private let links: EdgeLinks<RecordingChannel>
  private var hub: HubStreamFixture

  init() throws {
    hub = try HubStreamFixture(fencedAt: 7)
    var random = SeededGenerator(seed: 1)
    links = EdgeLinks(edgesMaximum: 1, now: .origin, random: &random)
  }

  private func link(_ number: Int) throws -> RecordingChannel {
    let link = RecordingChannel(number, try LinkFixture().link)
    links.add(link)
    return link
  }

  private func greet(_ link: RecordingChannel, as name: String = "edge-1") throws -> Bool {
    let fixture = try LinkFixture()
    let action = link.machine?.messageReceived(.hello(fixture.hello), now: .origin)
    guard case .welcome(let hello, let welcome) = action else {
      Issue.record("not welcomed")
      return false
    }
    let node = try #require(NodeName(name))
    return links.greeted(
      link, by: Hello(node: node, softwareVersion: hello.softwareVersion), from: "", welcome,
      table: hub.stream.table, status: hub.stream.feedStatus)
  }

  @Test("An edge is sent the welcome, all totals, the feed and the keys of tickets, in this order")
  func greeting() throws {
    let link = try link(1)
    #expect(try greet(link))
    #expect(link.takeMessages().map(\.type) == [.welcome, .snapshot, .feed, .ticketKeys])
    #expect(link.machine?.flow == .following)
  }

  @Test("A second link of an edge ends the first; another edge is one too many")
  func replacement() throws {
    let first = try link(1)
    let second = try link(2)
    let other = try link(3)
    #expect(try greet(first))
    #expect(try greet(second))
    #expect(first.closure?.end == .replaced)
    #expect(links.ended(first, because: .replaced) == nil)
    #expect(try !greet(other, as: "edge-2"))
    #expect(other.closure?.end == .tooManyEdges)
    #expect(links.ended(second, because: .peerClosed) == NodeName("edge-1"))
  }

  @Test("What is skipped is told before the snapshot that makes up for it")
  mutating func skipped() throws {
    let link = try link(1)
    #expect(try greet(link))
    links.changed(Interest(.replace, [.raw]), of: link)
    _ = link.takeMessages()
    link.backlog = 5_000_000
    link.queue([])
    _ = hub.increment(2)
    for case .publish(let flush) in hub.stream.tickHit(now: hub.at(17)) {
      links.publish(flush, hubStampMicroseconds: 0)
    }
    #expect(link.takeMessages().isEmpty)
    link.backlog = 0
    links.progressed(link, table: hub.stream.table)
    let messages = link.takeMessages()
    #expect(messages.map(\.type) == [.gap, .snapshot])
    #expect(messages.first == .gap(Gap(skippedRaw: 2, skippedTopicEvents: 0)))
  }

  @Test("An answer for which a link has no room is refused, and one for a link that has ended is dropped")
  func answers() throws {
    let link = try link(1)
    #expect(try greet(link))
    _ = link.takeMessages()
    let asked = AskedQuery(link: 1, query: Query(id: 9, .fence))
    #expect(links.answer(asked, [.fenced(Fenced(id: 9))]) == .answered)
    link.machine?.snapshotRequired()
    #expect(links.answer(asked, [.fenced(Fenced(id: 9))]) == .unavailable)
    #expect(
      link.takeMessages() == [.fenced(Fenced(id: 9)), .fenced(Fenced(id: 9, outcome: .unavailable))])
    _ = links.ended(link, because: .peerClosed)
    #expect(links.answer(asked, [.fenced(Fenced(id: 9))]) == nil)
  }
}
