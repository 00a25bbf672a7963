import HubCore
import Primitives
import Testing
import Wire

@Suite struct HubCountersTests {
  @Test("The counts balance once every received message is packed or rejected")
  func balance() {
    var counters = HubCounters()
    for kind in FeedCounters.MessageKind.allCases {
      counters.feed.messageReceived()
      #expect(counters.feed.residual == 1)
      counters.feed.messagePacked(kind)
      #expect(counters.feed.residual == 0)
    }
    counters.feed.messageReceived()
    counters.feed.messageRejected("id_empty")
    #expect(counters.feed.residual == 0)
    #expect(counters.feed.messagesReceived == 5)
    #expect(counters.feed.messagesPacked[.tweet] == 1)
    #expect(counters.feed.messagesRejected == ["id_empty": 1])
  }

  @Test("A message that is counted twice shows as a negative residual")
  func doubled() {
    var counters = HubCounters()
    counters.feed.messageReceived()
    counters.feed.messagePacked(.score)
    counters.feed.messageRejected("id_empty")
    #expect(counters.feed.residual == -1)
  }

  @Test("The counts of skipped events survive the end of a link")
  func linkEnded() throws {
    var counters = HubCounters()
    var link = try LinkFixture.welcomed().link
    _ = link.admitsRaw(count: 5)
    _ = link.admitsTopicEvent()
    counters.links.linkEnded(link, .silent)
    counters.links.linkEnded(try LinkFixture().link, .helloTimeout)
    #expect(counters.links.skippedRaw == 5)
    #expect(counters.links.skippedTopicEvents == 1)
    #expect(counters.links.linksEnded == [.silent: 1, .helloTimeout: 1])
  }

  @Test("Answers are counted by query and result")
  func queries() throws {
    var counters = HubCounters()
    let token = ResumeToken(lineage: try #require(Lineage("a")), position: 1)
    counters.links.queryAnswered(.past(token), .answered)
    counters.links.queryAnswered(.past(token), .unknown)
    counters.links.queryAnswered(.past(token), .unknown)
    counters.links.queryAnswered(.order(token), .answered)
    counters.links.queryAnswered(.tweets(try #require(TopicID("A")), count: 3), .unavailable)
    #expect(
      counters.links.queriesAnswered == [
        .past: [.answered: 1, .unknown: 2], .order: [.answered: 1], .tweets: [.unavailable: 1],
      ])
  }

  @Test("Frames and bytes add up")
  func traffic() {
    var counters = HubCounters()
    counters.links.framesQueued(2, bytes: 100)
    counters.links.framesQueued(1, bytes: 11)
    counters.links.bytesReceived(7)
    #expect(counters.links.framesSent == 3)
    #expect(counters.links.bytesSent == 111)
    #expect(counters.links.bytesReceived == 7)
  }
}
