import Testing
import Wire

@Suite struct InterestTests {
  private static func topicID(_ bytes: [UInt8]) -> [UInt8] { [2, 1, 2] + bytes }

  private static let id = FieldCases(type: .interest, field: .topicID)

  private static let cases: [PayloadCase] =
    FieldCases(type: .interest, field: .operation).choices(1...3) { [$0, 0] }
    + FieldCases(type: .interest, field: .topicKind).choices(1...4) {
      [1, 1, $0] + ($0 == 2 ? letters(1) : [])
    }
    + FieldCases(type: .interest, field: .topicCount).varints { [1] + $0 }
    + FieldCases(type: .interest, field: .topicCount).numbers(0...8_192) { count in
      [1] + varint(count) + [UInt8](repeating: 1, count: Int(count))
    }
    + id.lengths(1...64, topicID) + id.malformedUTF8(topicID)
    + id.forbidden([".", "a b", "é", "\0", "a/b"], topicID)
    + [
      PayloadCase(
        "a count that lies", .interest, [1] + varint(8_192) + [1], .truncated(.interest, .topicKind))
    ]

  @Test("The operation, the count, and each topic are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test(
    "Any number of topics is sent in parts, and a replacement continues with additions",
    arguments: Interest.Operation.allCases, [0, 1, 8_192, 8_193, 20_000])
  func parts(_ operation: Interest.Operation, _ count: Int) throws {
    let topics = try (0..<count).map { Topic.details(try #require(TopicID("id-\($0)"))) }
    let parts = Interest.parts(operation, topics)
    #expect(parts.count == max(1, (count + 8_191) / 8_192))
    #expect(parts.first?.operation == operation)
    #expect(parts.dropFirst().allSatisfy { $0.operation == (operation == .replace ? .add : operation) })
    #expect(parts.flatMap(\.topics) == topics)
    let messages = parts.map(Message.interest)
    #expect(decode(encode(messages), from: .edge) == Decoded(messages: messages))
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let topic = Topic.details(try #require(TopicID(String(repeating: "x", count: 64))))
    let topics = [Topic](repeating: topic, count: RelayProtocol.maximumItemsPerMessage)
    let message = Message.interest(Interest(.add, topics))
    #expect(encode([message]).count - 4 == MessageType.interest.maximumLength)
    #expect(decode(encode([message]), from: .edge) == Decoded(messages: [message]))
  }
}
