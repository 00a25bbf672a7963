import Testing
import Wire

@Suite struct FencedTests {
  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .fenced, field: field) }

  private static let cases: [PayloadCase] =
    field(.id).numbers(0 ... .max) { varint($0) + [1] } + field(.id).varints { $0 + [1] }
    + field(.outcome).choices(1...3) { [7, $0] }

  @Test("The id and the outcome are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("The largest message is exactly as long as its limit") func largest() {
    let message = Message.fenced(Fenced(id: .max, outcome: .unavailable))
    #expect(encode([message]).count - 4 == MessageType.fenced.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
  }
}
