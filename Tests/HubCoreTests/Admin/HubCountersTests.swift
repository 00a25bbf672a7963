import HubCore
import Primitives
import Testing
import Wire

@Suite struct HubCountersTests {
  @Test("the books balance once every received message is packed or rejected")
  func balance() {
    var counters = HubCounters()
    for kind in HubCounters.MessageKind.allCases {
      counters.messageReceived()
      #expect(counters.residual == 1)
      counters.messagePacked(kind)
      #expect(counters.residual == 0)
    }
    counters.messageReceived()
    counters.messageRejected("id_empty")
    #expect(counters.residual == 0)
    #expect(counters.messagesReceived == 5)
    #expect(counters.messagesPacked[.tweet] == 1)
    #expect(counters.messagesRejected == ["id_empty": 1])
  }

  @Test("a message that is counted twice shows as a negative residual")
  func doubled() {
    var counters = HubCounters()
    counters.messageReceived()
    counters.messagePacked(.score)
    counters.messageRejected("id_empty")
    #expect(counters.residual == -1)
  }

  @Test("what a link skipped is kept when it ends")
  func linkEnded() throws {
    var counters = HubCounters()
    var link = try LinkFixture.welcomed().link
    _ = link.admitsRaw(count: 5)
    _ = link.admitsTopicEvent()
    counters.linkEnded(link, .silent)
    counters.linkEnded(try LinkFixture().link, .helloTimeout)
    #expect(counters.skippedRaw == 5)
    #expect(counters.skippedTopicEvents == 1)
    #expect(counters.linksEnded == [.silent: 1, .helloTimeout: 1])
  }

  @Test("answers are counted by what was asked and what came of it")
  func queries() throws {
    var counters = HubCounters()
    let token = ResumeToken(lineage: try #require(Lineage("a")), position: 1)
    counters.queryAnswered(.past(token), .answered)
    counters.queryAnswered(.past(token), .unknown)
    counters.queryAnswered(.past(token), .unknown)
    counters.queryAnswered(.order(token), .answered)
    counters.queryAnswered(.tweets(try #require(TopicID("A")), count: 3), .unavailable)
    #expect(
      counters.queriesAnswered == [
        .past: [.answered: 1, .unknown: 2], .order: [.answered: 1], .tweets: [.unavailable: 1],
      ])
  }

  @Test("frames and bytes add up")
  func traffic() {
    var counters = HubCounters()
    counters.framesQueued(2, bytes: 100)
    counters.framesQueued(1, bytes: 11)
    counters.bytesReceived(7)
    #expect(counters.framesSent == 3)
    #expect(counters.bytesSent == 111)
    #expect(counters.bytesReceived == 7)
  }
}
