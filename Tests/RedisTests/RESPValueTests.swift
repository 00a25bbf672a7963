import Redis
import Testing

@Suite("RESPValue")
struct RESPValueTests {
  @Test("finds the channel and the payload of a message")
  func message() {
    let value = RESPValue.array([.text("message"), .text("c"), .bulk([0])])
    #expect(value.publishedMessage == PublishedMessage(channel: Array("c".utf8), payload: [0]))
  }

  @Test("omits the pattern of a pattern message")
  func patternMessage() {
    let value = RESPValue.array([.text("pmessage"), .text("c.*"), .text("c.1"), .bulk([])])
    #expect(value.publishedMessage == PublishedMessage(channel: Array("c.1".utf8), payload: []))
  }

  @Test(
    "treats no other value as a message",
    arguments: [
      .array([.text("subscribe"), .text("c"), .integer(1)]),
      .array([.text("pong"), .text("")]),
      .array([.text("pmessage"), .text("c"), .text("x")]),
      .array([.text("message"), .text("c"), .integer(1)]),
      .array([]), .array(nil), .integer(1), .simpleString("message"),
    ] as [RESPValue])
  func others(value: RESPValue) {
    #expect(value.publishedMessage == nil)
  }
}
