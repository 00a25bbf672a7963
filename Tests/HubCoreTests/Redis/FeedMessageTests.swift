import HubCore
import Primitives
import Testing
import Wire

@Suite("FeedMessage")
struct FeedMessageTests {
  private let classifier = FeedClassifier(names: FeedNames())

  private func classify(_ channel: String, _ payload: [UInt8]) -> FeedMessage {
    classifier.classify(channel: Array(channel.utf8), payload: payload)
  }

  @Test("A score update is an increment of the id in its payload")
  func increment() throws {
    #expect(classify("stream.score_updates", Array("1F600".utf8)) == .increment(try ScoreID("1F600")))
  }

  @Test(
    "An invalid id is rejected, by reason",
    arguments: [
      ([], .idEmpty),
      ([UInt8](repeating: 0x41, count: 65), .idTooLong),
      ([0xff], .idInvalidUTF8),
      ([0x41, 0x0a], .idControlCharacter),
    ] as [([UInt8], RejectReason)])
  func rejectedIDs(payload: [UInt8], reason: RejectReason) {
    #expect(classify("stream.score_updates", payload) == .rejected(reason))
  }

  @Test("The end of a tweet channel's name is the topic", arguments: ["1F600", "1F1EF-1F1F5", "a_b"])
  func tweet(name: String) throws {
    let topic = try #require(TopicID(name.utf8))
    let event = try TopicEvent(stamp: .origin, source: .details(topic), payload: [0x7b, 0x7d])
    #expect(classify("stream.tweet_updates.\(name)", [0x7b, 0x7d]) == .topicEvent(event))
  }

  @Test("A topic has 1 to 64 bytes")
  func topicLength() {
    let prefix = "stream.tweet_updates."
    #expect(classify(prefix, []) == .rejected(.topicInvalid))
    #expect(classify(prefix + String(repeating: "A", count: 65), []) == .rejected(.topicInvalid))
    #expect(classify(prefix + String(repeating: "A", count: 64), []) != .rejected(.topicInvalid))
  }

  @Test("Other bytes in a topic are rejected", arguments: ["a.b", "a b", "a/b", "\u{e9}", "a\n", "a\0"])
  func topicBytes(name: String) {
    #expect(classify("stream.tweet_updates.\(name)", []) == .rejected(.topicInvalid))
  }

  @Test("A payload has up to 65,536 bytes of UTF-8")
  func payloads() {
    for channel in ["stream.tweet_updates.A", "stream.interaction.A"] {
      #expect(classify(channel, [UInt8](repeating: 0x20, count: 65_537)) == .rejected(.payloadTooLong))
      #expect(classify(channel, [UInt8](repeating: 0x20, count: 65_536)) != .rejected(.payloadTooLong))
      #expect(classify(channel, [0xc3]) == .rejected(.payloadInvalidUTF8))
    }
  }

  @Test("The whole name of an interaction channel is kept")
  func interaction() throws {
    let name = try #require(ChannelName("stream.interaction.request"))
    let event = try TopicEvent(stamp: .origin, source: .interaction(name), payload: [])
    #expect(classify("stream.interaction.request", []) == .topicEvent(event))
  }

  @Test("Interaction channels that cannot be an event's name are rejected")
  func interactionChannels() {
    #expect(classify("stream.interaction.a\r\nb", []) == .rejected(.interactionChannelInvalid))
    let longest = "stream.interaction." + String(repeating: "a", count: 128 - 19)
    #expect(classify(longest, []) != .rejected(.interactionChannelInvalid))
    #expect(classify(longest + "a", []) == .rejected(.interactionChannelInvalid))
  }

  @Test("Fences are recognized, and all other channels rejected")
  func otherChannels() {
    #expect(classify("stream.relay_fence", [1]) == .fence(nonce: [1]))
    for channel in [
      "", "stream", "stream.score_update", "stream.score_updates.x", "stream.tweet_updates", "x.stream",
    ] {
      #expect(classify(channel, []) == .rejected(.channelUnknown), "\(channel)")
    }
  }
}
