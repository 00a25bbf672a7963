import Primitives
import Testing
import Wire

@Suite struct OrderTests {
  private static func payload(
    outcome: UInt8 = 1, isLast: UInt8 = 1, first: [UInt8] = [9], ids: [UInt8] = [0]
  ) -> [UInt8] {
    [7, outcome, isLast] + first + ids
  }
  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .order, field: field) }

  private static let cases: [PayloadCase] =
    field(.id).numbers(0 ... .max) { varint($0) + [1, 1, 9, 0] } + field(.id).varints { $0 + [1, 1, 9, 0] }
    + field(.outcome).choices(1...3) { payload(outcome: $0) }
    + field(.isLast).choices(0...1) { payload(isLast: $0) }
    + field(.isLast).numbers(1...1) { payload(outcome: 3, isLast: UInt8($0)) }
    + field(.firstPosition).numbers(0 ... .max) { payload(first: varint($0)) }
    + field(.firstPosition).numbers(0 ... .max - 1) { payload(first: varint($0), ids: [1] + letters(1)) }
    + field(.firstPosition).varints { payload(first: $0) }
    + field(.idCount).numbers(0...8_192) { count in
      payload(ids: varint(count) + (0..<count).flatMap { _ in letters(1) })
    }
    + scoreIDCases(.order) { payload(ids: [1] + $0) }

  @Test("The outcome, the flag, the position, the count and each id are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("Without an answer there are no ids")
  func unanswered() {
    let error = WireError.outOfRange(.order, .idCount, value: 1, limits: 0...0)
    PayloadCase("an id", .order, payloadWithoutAnswer, error).check()
  }

  private let payloadWithoutAnswer = Self.payload(outcome: 2, ids: [1] + letters(1))

  @Test("Each run begins a part, long runs continue in others, and the last is marked") func parts()
    throws
  {
    let ids = try (0..<10_000).map { try ScoreID("id-\($0)") }
    let parts = Order.parts(
      id: 5, runs: [(firstPosition: 3, ids: ids), (firstPosition: 20_000, ids: Array(ids.prefix(2)))])
    #expect(parts.map(\.firstPosition) == [3, 8_195, 20_000])
    #expect(parts.map(\.ids.count) == [8_192, 1_808, 2])
    #expect(parts.map(\.isLast) == [false, false, true])
    #expect(parts.flatMap(\.ids) == ids + ids.prefix(2))
    #expect(Order.parts(id: 5, runs: []) == [Order(id: 5, outcome: .answered)])
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let id = try ScoreID(String(repeating: "x", count: 64))
    let ids = [ScoreID](repeating: id, count: RelayProtocol.maximumItemsPerMessage)
    let message = Message.order(Order(id: .max, isLast: true, firstPosition: .max - 8_192, ids: ids))
    #expect(encode([message]).count - 4 == MessageType.order.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
  }
}
