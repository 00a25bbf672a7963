import Primitives
import Testing
import Wire

@Suite struct RawBatchTests {
  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .raw, field: field) }

  private static let cases: [PayloadCase] =
    field(.firstPosition).numbers(0 ... .max - 2) { varint($0) + [2] + letters(1) + letters(1) }
    + field(.firstPosition).numbers(0 ... .max) { varint($0) + [0] }
    + field(.firstPosition).varints { $0 + [0] }
    + field(.idCount).numbers(0...8_192) { count in
      [1] + varint(count) + (0..<count).flatMap { _ in [1, 0x61] }
    }
    + field(.idCount).varints { [1] + $0 }
    + scoreIDCases(.raw) { [1, 1] + $0 }

  @Test("The first position, the count and each id are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test(
    "Any number of ids is sent in parts that keep their positions", arguments: [0, 1, 8_192, 8_193, 30_000])
  func parts(_ count: Int) throws {
    let ids = try (0..<count).map { try ScoreID("id-\($0)") }
    let parts = RawBatch.parts(firstPosition: 1_000, ids: ids)
    #expect(parts.count == max(1, (count + 8_191) / 8_192))
    #expect(parts.flatMap(\.ids) == ids)
    var position: Position = 1_000
    for part in parts {
      #expect(part.firstPosition == position)
      position += Position(part.ids.count)
    }
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let ids = [ScoreID](repeating: try ScoreID(String(repeating: "x", count: 64)), count: 8_192)
    let message = Message.raw(RawBatch(firstPosition: .max - 8_192, ids: ids))
    #expect(encode([message]).count - 4 == MessageType.raw.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
  }
}
