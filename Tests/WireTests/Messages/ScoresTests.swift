import Primitives
import Testing
import Wire

@Suite struct ScoresTests {
  private static func payload(
    position: [UInt8] = [9], entries: [UInt8] = [0], untracked: [UInt8] = [0]
  ) -> [UInt8] {
    position + [0, 0, 0, 0, 0, 0, 0, 1] + entries + untracked
  }

  private static func items(_ count: UInt64) -> [UInt8] {
    varint(count) + (0..<count).flatMap { _ in [1, 0x61, 1] }
  }

  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .scores, field: field) }

  private static let cases: [PayloadCase] =
    field(.position).numbers(0 ... .max) { payload(position: varint($0)) }
    + field(.position).varints { payload(position: $0) }
    + field(.entryCount).numbers(0...8_192) { payload(entries: items($0)) }
    + field(.entryCount).varints { payload(entries: $0) }
    + field(.untrackedCount).numbers(0...8_192) { payload(untracked: items($0)) }
    + field(.untrackedCount).numbers(0...2) { payload(entries: items(8_190), untracked: items($0)) }
    + field(.untrackedCount).varints { payload(untracked: $0) }
    + field(.scoreTotal).numbers(0 ... .max) { payload(entries: [1] + letters(1) + varint($0)) }
    + field(.scoreTotal).varints { payload(entries: [1] + letters(1) + $0) }
    + field(.scoreDelta).numbers(0 ... .max) { payload(untracked: [1] + letters(1) + varint($0)) }
    + field(.scoreDelta).varints { payload(untracked: [1] + letters(1) + $0) }
    + scoreIDCases(.scores) { payload(entries: [1] + $0 + [5]) }
    + scoreIDCases(.scores) { payload(untracked: [1] + $0 + [5]) }

  @Test("The position, both counts, each total and each delta are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test(
    "A flush of any size is sent in parts, of which only the last one has the new position",
    arguments: [
      (0, 0, 1), (8_192, 0, 1), (8_191, 1, 1), (8_192, 1, 2), (8_193, 0, 2), (0, 8_193, 2),
      (20_000, 9_000, 5),
    ])
  func parts(_ entryCount: Int, _ untrackedCount: Int, _ partCount: Int) throws {
    let entries = try (0..<entryCount).map { ScoreTotal(id: try ScoreID("id-\($0)"), total: UInt64($0)) }
    let untracked = try (0..<untrackedCount).map { ScoreDelta(id: try ScoreID("u-\($0)"), delta: 1) }
    let parts = Scores.parts(
      previousPosition: 10, position: 20, hubStampMicroseconds: 3, entries: entries, untracked: untracked)
    #expect(parts.map(\.position) == Array(repeating: 10, count: partCount - 1) + [20])
    #expect(parts.allSatisfy { $0.hubStampMicroseconds == 3 })
    #expect(parts.flatMap(\.entries) == entries)
    #expect(parts.flatMap(\.untracked) == untracked)
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let id = try ScoreID(String(repeating: "x", count: 64))
    let message = Message.scores(
      Scores(
        position: .max, hubStampMicroseconds: .max,
        entries: Array(repeating: ScoreTotal(id: id, total: .max), count: 8_000),
        untracked: Array(repeating: ScoreDelta(id: id, delta: .max), count: 192)))
    #expect(encode([message]).count - 4 == MessageType.scores.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
  }
}
