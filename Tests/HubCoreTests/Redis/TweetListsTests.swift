import Primitives
import Testing
import Wire

@testable import HubCore

@Suite struct TweetListsTests {
  private let first: TopicID
  private let second: TopicID
  private var lists = TweetLists(names: FeedNames())
  private let queued = FeedReply.status("QUEUED")

  init() throws {
    first = try #require(TopicID("A"))
    second = try #require(TopicID("B"))
  }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// Latest first, as in Redis.
  private func list(_ texts: String...) -> FeedReply { .list(texts.map { .text(bytes($0)) }) }

  private func told(_ topic: TopicID, _ texts: String...) -> TweetList {
    TweetList(topic: topic, payloads: texts.map(bytes))
  }

  private mutating func reply(_ replies: FeedReply...) -> TweetLists.Outcome? {
    var outcome: TweetLists.Outcome?
    for reply in replies {
      #expect(outcome == nil)
      outcome = lists.replyReceived(reply)
    }
    return outcome
  }

  private func words(_ commands: [FeedCommand]) -> [String] {
    commands.map { $0.arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ") }
  }

  @Test("One transaction reads all requested lists")
  mutating func commands() {
    lists.ask(for: first)
    lists.ask(for: second)
    lists.ask(for: first)
    #expect(lists.isDue)
    #expect(
      words(lists.begin(nonce: "n")) == [
        "MULTI", "PUBLISH stream.relay_fence n", "LRANGE emojitrack_tweets_A 0 9",
        "LRANGE emojitrack_tweets_B 0 9",
        "EXEC",
      ])
    #expect(!lists.isDue)
  }

  @Test(
    "Nonce first: tweets after it are added to the list, oldest first; earlier tweets are in it already"
  )
  mutating func nonceFirst() {
    lists.ask(for: first)
    lists.ask(for: second)
    _ = lists.begin(nonce: "n")
    lists.tweetReceived(bytes("a2"), of: first)
    #expect(lists.nonceReceived(bytes("other")) == nil)
    #expect(lists.nonceReceived(bytes("n")) == nil)
    lists.tweetReceived(bytes("a3"), of: first)
    lists.tweetReceived(bytes("a2"), of: first)
    let outcome = reply(
      .status("OK"), queued, queued, queued, .list([.integer(1), list("a2", "a1"), list()]))
    #expect(outcome == .lists([told(first, "a1", "a2", "a3", "a2"), told(second)]))
  }

  @Test("Answer first: the list waits for the nonce, and contains the tweets until then")
  mutating func answerFirst() {
    lists.ask(for: first)
    _ = lists.begin(nonce: "n")
    #expect(reply(.status("OK"), queued, queued, .list([.integer(1), list("a2", "a1")])) == nil)
    lists.tweetReceived(bytes("a2"), of: first)
    #expect(lists.nonceReceived(bytes("n")) == [told(first, "a1", "a2")])
    #expect(lists.nonceReceived(bytes("n")) == nil)
  }

  @Test(
    "A request for a topic that is being read shares its answer; another topic waits for the next transaction"
  )
  mutating func sharing() {
    lists.ask(for: first)
    _ = lists.begin(nonce: "n")
    lists.ask(for: first)
    #expect(!lists.isDue)
    lists.ask(for: second)
    #expect(!lists.isDue, "one after the other")
    _ = lists.nonceReceived(bytes("n"))
    _ = reply(.status("OK"), queued, queued, .list([.integer(1), list("a1")]))
    #expect(lists.isDue)
    #expect(words(lists.begin(nonce: "n")).contains("LRANGE emojitrack_tweets_B 0 9"))
  }

  @Test("A transaction reads a limited number of lists")
  mutating func batches() throws {
    for number in 0..<100 { lists.ask(for: try #require(TopicID("T\(number)"))) }
    #expect(lists.begin(nonce: "n").count == 64 + 3)
    #expect(lists.cancel().count == 100)
  }

  @Test("A list has at most ten tweets, without those that cannot be sent")
  mutating func limits() {
    lists.ask(for: first)
    _ = lists.begin(nonce: "n")
    _ = lists.nonceReceived(bytes("n"))
    for number in 0..<12 { lists.tweetReceived(bytes("n\(number)"), of: first) }
    let stored = FeedReply.list([
      .text([0xff]), .text([UInt8](repeating: 0x61, count: 65_537)), .text(nil), .text(bytes("a1")),
    ])
    guard
      case .lists(let answered) = reply(.status("OK"), queued, queued, .list([.integer(1), stored]))
    else {
      Issue.record("no list")
      return
    }
    #expect(answered.map(\.payloads) == [(2..<12).map { bytes("n\($0)") }])
    lists.ask(for: first)
    _ = lists.begin(nonce: "n")
    _ = lists.nonceReceived(bytes("n"))
    #expect(
      reply(.status("OK"), queued, queued, .list([.integer(1), stored])) == .lists([told(first, "a1")]))
  }

  @Test(
    "Without the right to publish, lists are read plainly, and later tweets are added unless they are in them"
  )
  mutating func plain() {
    lists.ask(for: first)
    _ = lists.begin(nonce: "n")
    let refusal = FeedRefusal(request: "PUBLISH stream.relay_fence", message: "NOPERM no")
    let outcome = reply(.status("OK"), .failure("NOPERM no"), queued, .failure("EXECABORT"))
    #expect(outcome == .refusedNonce(refusal))
    #expect(lists.isDue)
    lists.ask(for: second)
    #expect(
      words(lists.begin(nonce: "n")) == ["LRANGE emojitrack_tweets_A 0 9", "LRANGE emojitrack_tweets_B 0 9"])
    lists.tweetReceived(bytes("a2"), of: first)
    lists.tweetReceived(bytes("a3"), of: first)
    #expect(
      reply(list("a2", "a1"), list()) == .lists([told(first, "a1", "a2", "a3"), told(second)]))
    #expect(lists.cancel().isEmpty)
    lists.ask(for: first)
    #expect(lists.begin(nonce: "n").count == 4, "other connections may have the right")
  }

  @Test("If EXEC is refused lists are read plainly, and that refusal is reported, not its consequences")
  mutating func plainWithoutEXEC() {
    lists.ask(for: first)
    _ = lists.begin(nonce: "n")
    let nested = FeedReply.failure("ERR MULTI calls can not be nested")
    let outcome = reply(nested, queued, queued, .failure("ERR unknown command 'EXEC', with args"))
    #expect(
      outcome == .refusedNonce(FeedRefusal(request: "EXEC", message: "ERR unknown command 'EXEC'")))
    #expect(words(lists.begin(nonce: "n")) == ["LRANGE emojitrack_tweets_A 0 9"])
    #expect(reply(list("a1")) == .lists([told(first, "a1")]))
    lists.readExactly()
    lists.ask(for: first)
    #expect(lists.begin(nonce: "n").count == 4)
  }

  @Test("Without the right to read lists there are none")
  mutating func refused() {
    let refusal = FeedRefusal(request: "LRANGE emojitrack_tweets_…", message: "NOPERM no")
    let none = TweetList(topic: first, payloads: nil)
    lists.ask(for: first)
    _ = lists.begin(nonce: "n")
    #expect(
      reply(.status("OK"), queued, .failure("NOPERM no"), .failure("EXECABORT"))
        == .refusedLists(refusal, [none]))
    lists.ask(for: first)
    _ = lists.begin(nonce: nil)
    #expect(reply(.failure("NOPERM no")) == .refusedLists(refusal, [none]))
  }

  @Test("A key of another type, and a reply of another form, give no list")
  mutating func malformed() {
    let none = TweetList(topic: first, payloads: nil)
    for answer in [
      FeedReply.list([.integer(1), .failure("WRONGTYPE")]), .list(nil), .list([.integer(1)]), .integer(3),
    ] {
      lists.ask(for: first)
      _ = lists.begin(nonce: "n")
      _ = lists.nonceReceived(bytes("n"))
      #expect(reply(.status("OK"), queued, queued, answer) == .lists([none]), "\(answer)")
      #expect(lists.cancel().isEmpty)
    }
  }
}
