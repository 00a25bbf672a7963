import Testing
import Wire

@Suite struct TweetsTests {
  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .tweets, field: field) }
  private static func payload(_ tweet: [UInt8]) -> [UInt8] { [7, 1, 1] + tweet }

  private static let cases: [PayloadCase] =
    field(.id).numbers(0 ... .max) { varint($0) + [1, 0] } + field(.id).varints { $0 + [1, 0] }
    + field(.outcome).choices(1...3) { [7, $0, 0] }
    + field(.tweetCount).numbers(0...10) { count in
      [7, 1] + varint(count) + (0..<count).flatMap { _ in letters(1) }
    }
    + field(.tweetCount).varints { [7, 1] + $0 }
    + field(.payload).lengths(0...65_536, payload) + field(.payload).malformedUTF8(payload)
    + [
      PayloadCase("line breaks and NUL", .tweets, payload(prefixed("a\r\nb\0c\u{2028}📂"))),
      PayloadCase(
        "a tweet without an answer", .tweets, [7, 2, 1] + letters(1),
        .outOfRange(.tweets, .tweetCount, value: 1, limits: 0...0)),
    ]

  @Test("The outcome, the count and each payload are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("A message keeps the last tweets of a longer list") func suffix() throws {
    let payloads = (0..<13).map { [UInt8(ascii: "a") + UInt8($0)] }
    #expect(try Tweets(id: 1, payloads: payloads).payloads == Array(payloads.suffix(10)))
  }

  @Test("A payload that cannot be sent makes no answer, and the error gives the reason") func refused() {
    #expect(throws: TopicEventError.invalidUTF8) { try Tweets(id: 1, payloads: [[], [0xff]]) }
    #expect(throws: TopicEventError.payloadTooLong) {
      try Tweets(id: 1, payloads: [[UInt8](repeating: 0x61, count: 65_537)])
    }
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let payloads = [[UInt8]](repeating: [UInt8](repeating: 0x61, count: 65_536), count: 10)
    let message = Message.tweets(try Tweets(id: .max, payloads: payloads))
    #expect(encode([message]).count - 4 == MessageType.tweets.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
  }
}
