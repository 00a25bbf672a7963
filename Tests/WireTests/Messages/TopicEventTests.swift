import Testing
import Wire

@Suite struct TopicEventTests {
  private static func topicID(_ bytes: [UInt8]) -> [UInt8] { [5, 7, 1] + bytes + [0] }
  private static func channel(_ bytes: [UInt8]) -> [UInt8] { [5, 7, 2] + bytes + [0] }
  private static func payload(_ bytes: [UInt8]) -> [UInt8] { [5, 7, 1] + letters(1) + bytes }
  private static func field(_ field: MessageField) -> FieldCases {
    FieldCases(type: .topicEvent, field: field)
  }

  private static let cases: [PayloadCase] =
    field(.sourceKind).choices(1...2) { [5, 7, $0] + letters(1) + [0] }
    + field(.position).numbers(0 ... .max) { varint($0) + [7, 1] + letters(1) + [0] }
    + field(.position).varints { $0 + [7, 1] + letters(1) + [0] }
    + field(.ordinal).numbers(0 ... .max) { [5] + varint($0) + [1] + letters(1) + [0] }
    + field(.ordinal).varints { [5] + $0 + [1] + letters(1) + [0] }
    + field(.topicID).lengths(1...64, topicID) + field(.topicID).forbidden(["a.b", "é"], topicID)
    + field(.channel).lengths(1...128, channel) + field(.channel).forbidden(["a b", "é", "\n", ":"], channel)
    + field(.channel).malformedUTF8(channel)
    + field(.payload).lengths(0...65_536, payload) + field(.payload).malformedUTF8(payload)
    + [PayloadCase("line breaks and NUL", .topicEvent, payload(prefixed("a\r\nb\0c\u{2028}📂")))]

  @Test("The stamp, the source and the payload are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("A payload that cannot be sent makes no event but an error") func refused() throws {
    let source = TopicEvent.Source.details(try #require(TopicID("a")))
    #expect(throws: TopicEventError.invalidUTF8) {
      try TopicEvent(stamp: .origin, source: source, payload: [0x61, 0xff])
    }
    let long = [UInt8](repeating: 0x61, count: 65_537)
    #expect(throws: TopicEventError.payloadTooLong) {
      try TopicEvent(stamp: .origin, source: source, payload: long)
    }
    #expect(
      try TopicEvent(stamp: .origin, source: source, payload: Array(long.dropLast())).payload.count == 65_536)
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let channel = try #require(ChannelName(String(repeating: "x", count: 128)))
    let payload = [UInt8](repeating: 0x61, count: 65_536)
    let message = Message.topicEvent(
      try TopicEvent(
        stamp: TopicStamp(position: .max, ordinal: .max), source: .interaction(channel), payload: payload))
    #expect(encode([message]).count - 4 == MessageType.topicEvent.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
  }
}
