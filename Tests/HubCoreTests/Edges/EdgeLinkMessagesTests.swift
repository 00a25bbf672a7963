import HubCore
import Primitives
import Testing
import Wire

@Suite struct EdgeLinkMessagesTests {
  @Test("Any message but a hello ends a link without a hello")
  func helloFirst() throws {
    for message in [Message.ping(Ping(stamp: 1)), .report(Report()), .interest(Interest(.add, [.raw]))] {
      var fixture = try LinkFixture()
      guard case .close(let closure) = fixture.link.messageReceived(message, now: .origin) else {
        Issue.record("the link was not closed")
        continue
      }
      #expect(closure.end == .protocolError)
      #expect(closure.farewell?.text.contains("'\(message.type)'") == true)
    }
  }

  @Test("A second hello, or a message that only hubs send, ends the link")
  func outOfPlace() throws {
    let fixture = try LinkFixture()
    let gap = Message.gap(Gap(skippedRaw: 0, skippedTopicEvents: 0))
    for message in [Message.hello(fixture.hello), gap] {
      var link = try LinkFixture.welcomed().link
      guard case .close(let closure) = link.messageReceived(message, now: .origin) else {
        Issue.record("the link was not closed")
        continue
      }
      #expect(closure.end == .protocolError)
    }
  }

  @Test("A welcomed edge's messages become actions")
  func actions() throws {
    var link = try LinkFixture.welcomed().link
    var report = Report()
    report[.workers] = 2
    let interest = Interest(.replace, [.raw])
    let result = CommandResult(id: 3, outcome: .done)
    #expect(link.messageReceived(.ping(Ping(stamp: 9)), now: seconds(1)) == .send(.pong(Pong(stamp: 9))))
    #expect(link.messageReceived(.report(report), now: seconds(1)) == .recordReport(report))
    #expect(link.messageReceived(.interest(interest), now: seconds(1)) == .changeInterest(interest))
    #expect(link.messageReceived(.commandResult(result), now: seconds(1)) == .finishCommand(result))
  }

  @Test("An answered ping gives the round trip; a false stamp gives none")
  func roundTrip() throws {
    var link = try LinkFixture.welcomed().link
    #expect(link.timerTriggered(now: seconds(1)) == .ping(Ping(stamp: 1_000_000_000)))
    #expect(link.messageReceived(.pong(Pong(stamp: .max)), now: seconds(1.25)) == .ignore)
    #expect(link.messageReceived(.pong(Pong(stamp: 2_000_000_000)), now: seconds(1.25)) == .ignore)
    #expect(link.roundTrip == nil)
    #expect(link.messageReceived(.pong(Pong(stamp: 1_000_000_000)), now: seconds(1.25)) == .ignore)
    #expect(link.roundTrip == .milliseconds(250))
  }

  @Test("A ping is sent every second while the edge is heard, and an edge is dead after six silent ones")
  func heartbeat() throws {
    var link = try LinkFixture.welcomed().link
    for second in 1...3 {
      #expect(link.deadline == seconds(Double(second)))
      #expect(link.timerTriggered(now: seconds(Double(second) - 0.001)) == .ignore)
      #expect(
        link.timerTriggered(now: seconds(Double(second)))
          == .ping(Ping(stamp: UInt64(second) * 1_000_000_000)))
    }
    link.bytesReceived(now: seconds(3.5))
    for second in 4...9 { _ = link.timerTriggered(now: seconds(Double(second))) }
    #expect(link.end == nil)
    #expect(link.deadline == seconds(9.5))
    guard case .close(let closure) = link.timerTriggered(now: seconds(9.5)) else {
      Issue.record("the link was not closed")
      return
    }
    #expect(closure.end == .silent)
    #expect(closure.farewell?.reason == .idle)
  }

  @Test("After a stall of the hub one ping is sent, and not one for each second")
  func noBurst() throws {
    var link = try LinkFixture.welcomed().link
    link.bytesReceived(now: seconds(100))
    guard case .ping = link.timerTriggered(now: seconds(100)) else {
      Issue.record("no ping")
      return
    }
    #expect(link.timerTriggered(now: seconds(100)) == .ignore)
    #expect(link.deadline == seconds(101))
  }

  @Test("An edge without a hello within five seconds is sent away")
  func helloTimeout() throws {
    var link = try LinkFixture().link
    link.bytesReceived(now: seconds(4))
    #expect(link.deadline == seconds(5))
    #expect(link.timerTriggered(now: seconds(4.9)) == .ignore)
    guard case .close(let closure) = link.timerTriggered(now: seconds(5)) else {
      Issue.record("the link was not closed")
      return
    }
    #expect(closure.end == .helloTimeout)
  }

  @Test("An edge's farewell needs no answer, and makes its departure a clean one")
  func edgeGoesAway() throws {
    for (reason, end) in [(GoAway.Reason.shutdown, EdgeLinkEnd.edgeShutDown), (.protocolError, .edgeRefused)]
    {
      var link = try LinkFixture.welcomed().link
      guard case .close(let closure) = link.messageReceived(.goAway(GoAway(reason: reason)), now: .origin)
      else {
        Issue.record("the link was not closed")
        continue
      }
      #expect(closure.end == end)
      #expect(closure.farewell == nil)
    }
  }

  @Test("A link that is closing ignores everything but its deadline, and keeps its first reason")
  func closing() throws {
    var fixture = try LinkFixture.welcomed()
    #expect(fixture.link.displaced(.replaced, now: seconds(2))?.farewell?.reason == .replaced)
    #expect(fixture.link.messageReceived(.hello(fixture.hello), now: seconds(2)) == .ignore)
    #expect(fixture.link.decodingFailed(.wrongMagic, now: seconds(2)) == nil)
    #expect(fixture.link.hubShutDown(retryAfterMilliseconds: 5, now: seconds(2)) == nil)
    #expect(!fixture.link.needsSnapshot)
    #expect(!fixture.link.admitsScores)
    #expect(fixture.link.deadline == seconds(3))
    #expect(fixture.link.timerTriggered(now: seconds(3)) == .disconnect)
    #expect(fixture.link.connectionClosed(now: seconds(3)) == .replaced)
  }

  @Test("A malformed message or an excessive interest ends the link, with a sentence for the edge")
  func violations() throws {
    var link = try LinkFixture.welcomed().link
    #expect(
      link.decodingFailed(.unknownType(99), now: .origin)?.farewell?.text
        == WireError.unknownType(99).description)
    link = try LinkFixture.welcomed().link
    let closure = link.interestRefused(.tooManyTopics(limit: 7), now: .origin)
    #expect(closure?.end == .protocolError)
    #expect(closure?.farewell?.text.contains("7") == true)
  }

  @Test("A hub that shuts down tells edges when to reconnect")
  func hubShutDown() throws {
    var link = try LinkFixture.welcomed().link
    let closure = link.hubShutDown(retryAfterMilliseconds: 1_234, now: .origin)
    #expect(closure?.farewell == GoAway(reason: .shutdown, retryAfterMilliseconds: 1_234))
  }

  @Test("A connection that ended without a farewell was closed by the peer")
  func peerClosed() throws {
    var link = try LinkFixture.welcomed().link
    #expect(link.connectionClosed(now: .origin) == .peerClosed)
    #expect(link.hello == nil)
  }
}
