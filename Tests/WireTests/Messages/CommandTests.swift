import Testing
import Wire

@Suite struct CommandTests {
  private static func argument(_ bytes: [UInt8]) -> [UInt8] { [7, 1] + bytes }

  private static let cases: [PayloadCase] =
    FieldCases(type: .command, field: .id).numbers(0 ... .max) { varint($0) + [1, 0] }
    + FieldCases(type: .command, field: .id).varints { $0 + [1, 0] }
    + FieldCases(type: .command, field: .verb).choices(1...8) { [7, $0, 0] }
    + FieldCases(type: .command, field: .argument).lengths(0...256, argument)
    + FieldCases(type: .command, field: .argument).malformedUTF8(argument)
    + [PayloadCase("any text", .command, argument(prefixed("é\0\n📂")))]

  @Test("The id, the verb and the argument are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("An argument that is too long makes no command") func argument() {
    #expect(Command(id: 1, verb: .drain, argument: String(repeating: "é", count: 128)) != nil)
    #expect(Command(id: 1, verb: .drain, argument: String(repeating: "é", count: 128) + "x") == nil)
  }
}
