import Primitives
import Testing
import Wire

@Suite struct SnapshotTests {
  private static func payload(
    lineage: [UInt8] = prefixed("abc"), position: [UInt8] = [9], isLast: UInt8 = 1, entries: [UInt8] = [0]
  ) -> [UInt8] {
    lineage + position + [isLast] + entries
  }

  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .snapshot, field: field) }

  private static let cases: [PayloadCase] =
    field(.lineage).lengths(1...64) { payload(lineage: $0) }
    + field(.lineage).malformedUTF8 { payload(lineage: $0) }
    + field(.lineage).forbidden(["a-b", "é"]) { payload(lineage: $0) }
    + field(.position).numbers(0 ... .max) { payload(position: varint($0)) }
    + field(.position).varints { payload(position: $0) }
    + field(.isLast).choices(0...1) { payload(isLast: $0) }
    + field(.entryCount).numbers(0...8_192) { count in
      payload(entries: varint(count) + (0..<count).flatMap { _ in [1, 0x61, 0] })
    }
    + field(.entryCount).varints { payload(entries: $0) }
    + field(.scoreTotal).numbers(0 ... .max) { payload(entries: [1] + letters(1) + varint($0)) }
    + field(.scoreTotal).varints { payload(entries: [1] + letters(1) + $0) }
    + scoreIDCases(.snapshot) { payload(entries: [1] + $0 + [5]) }
    + [
      PayloadCase(
        "a count that lies", .snapshot, payload(entries: varint(8_192)), .truncated(.snapshot, .scoreID))
    ]

  @Test("The lineage, the position, the flag, the count and each total are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test(
    "A table of any size is sent in parts, of which the last one is marked",
    arguments: [0, 1, 8_192, 8_193, 65_536])
  func parts(_ count: Int) throws {
    let lineage = try #require(Lineage("abc"))
    let entries = try (0..<count).map { ScoreTotal(id: try ScoreID("id-\($0)"), total: UInt64($0)) }
    let parts = Snapshot.parts(lineage: lineage, position: 77, entries: entries)
    #expect(parts.count == max(1, (count + 8_191) / 8_192))
    #expect(parts.allSatisfy { $0.lineage == lineage && $0.position == 77 })
    #expect(parts.map(\.isLast) == Array(repeating: false, count: parts.count - 1) + [true])
    #expect(parts.flatMap(\.entries) == entries)
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let lineage = try #require(Lineage(String(repeating: "x", count: 64)))
    let entry = ScoreTotal(id: try ScoreID(String(repeating: "x", count: 64)), total: .max)
    let entries = [ScoreTotal](repeating: entry, count: RelayProtocol.maximumItemsPerMessage)
    let message = Message.snapshot(Snapshot(lineage: lineage, position: .max, isLast: true, entries: entries))
    #expect(encode([message]).count - 4 == MessageType.snapshot.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
  }
}
