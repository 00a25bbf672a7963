import Testing
import Wire

@Suite struct GoAwayTests {
  private static func text(_ bytes: [UInt8]) -> [UInt8] { [1, 0] + bytes }

  private static let cases: [PayloadCase] =
    FieldCases(type: .goAway, field: .reason).choices(1...7) { [$0, 0, 0] }
    + FieldCases(type: .goAway, field: .retryAfter).numbers(0...3_600_000) { [1] + varint($0) + [0] }
    + FieldCases(type: .goAway, field: .retryAfter).varints { [1] + $0 + [0] }
    + FieldCases(type: .goAway, field: .text).lengths(0...256, text)
    + FieldCases(type: .goAway, field: .text).malformedUTF8(text)
    + [
      PayloadCase(
        "a wait of 2^64 - 1", .goAway, [1] + varint(.max) + [0],
        .outOfRange(.goAway, .retryAfter, value: .max, limits: 0...3_600_000))
    ]

  @Test("The reason, the wait and the text are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("A text that is too long is cut") func cut() {
    #expect(GoAway(reason: .idle, text: String(repeating: "é", count: 200)).text.utf8.count == 256)
  }
}
