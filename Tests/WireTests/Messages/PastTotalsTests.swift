import Primitives
import Testing
import Wire

@Suite struct PastTotalsTests {
  private static func payload(
    id: [UInt8] = [7], outcome: UInt8 = 1, isLast: UInt8 = 1, entries: [UInt8] = [0]
  ) -> [UInt8] {
    id + [outcome, isLast] + entries
  }
  private static func field(_ field: MessageField) -> FieldCases {
    FieldCases(type: .pastTotals, field: field)
  }

  private static let cases: [PayloadCase] =
    field(.id).numbers(0 ... .max) { payload(id: varint($0)) } + field(.id).varints { payload(id: $0) }
    + field(.outcome).choices(1...3) { payload(outcome: $0) }
    + field(.isLast).choices(0...1) { payload(isLast: $0) }
    + field(.isLast).numbers(1...1) { payload(outcome: 2, isLast: UInt8($0)) }
    + field(.entryCount).numbers(0...8_192) { count in
      payload(entries: varint(count) + (0..<count).flatMap { _ in [1, 0x61, 0] })
    }
    + field(.entryCount).numbers(0...0) { payload(outcome: 3, entries: varint($0) + [1, 0x61, 0]) }.filter {
      $0.error != nil
    }
    + field(.scoreTotal).numbers(0 ... .max) { payload(entries: [1] + letters(1) + varint($0)) }
    + field(.scoreTotal).varints { payload(entries: [1] + letters(1) + $0) }
    + scoreIDCases(.pastTotals) { payload(entries: [1] + $0 + [5]) }

  @Test("The outcome, the flag, the count and each total are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test(
    "A table of any size is sent in parts, of which the last one is marked",
    arguments: [0, 1, 8_192, 8_193, 65_536])
  func parts(_ count: Int) throws {
    let entries = try (0..<count).map { ScoreTotal(id: try ScoreID("id-\($0)"), total: UInt64($0)) }
    let parts = PastTotals.parts(id: 5, entries: entries)
    #expect(parts.count == max(1, (count + 8_191) / 8_192))
    #expect(parts.allSatisfy { $0.id == 5 && $0.outcome == .answered })
    #expect(parts.map(\.isLast) == Array(repeating: false, count: parts.count - 1) + [true])
    #expect(parts.flatMap(\.entries) == entries)
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let entry = ScoreTotal(id: try ScoreID(String(repeating: "x", count: 64)), total: .max)
    let entries = [ScoreTotal](repeating: entry, count: RelayProtocol.maximumItemsPerMessage)
    let message = Message.pastTotals(PastTotals(id: .max, isLast: true, entries: entries))
    #expect(encode([message]).count - 4 == MessageType.pastTotals.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
  }
}
