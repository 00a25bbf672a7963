import Testing
import Wire

@Suite struct CommandResultTests {
  private static func text(_ bytes: [UInt8]) -> [UInt8] { [7, 1] + bytes }

  private static let cases: [PayloadCase] =
    FieldCases(type: .commandResult, field: .id).numbers(0 ... .max) { varint($0) + [1, 0] }
    + FieldCases(type: .commandResult, field: .id).varints { $0 + [1, 0] }
    + FieldCases(type: .commandResult, field: .outcome).choices(1...3) { [7, $0, 0] }
    + FieldCases(type: .commandResult, field: .text).lengths(0...65_536, text)
    + FieldCases(type: .commandResult, field: .text).malformedUTF8(text)

  @Test("The id, the outcome and the text are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("A text that is too long is cut") func cut() {
    let result = CommandResult(id: 1, outcome: .failed, text: String(repeating: "x", count: 70_000))
    #expect(result.text.utf8.count == 65_536)
  }
}
