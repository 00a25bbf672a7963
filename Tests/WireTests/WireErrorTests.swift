import Testing
import Wire

@Suite struct WireErrorTests {
  @Test("An error is one sentence that names the message, the field and the limit")
  func sentences() {
    #expect(
      WireError.lengthOutOfRange(.hello, .node, length: 64, limits: 1...63).description
        == "A message 'hello' has 64 bytes in its field 'node'; 1 to 63 are allowed.")
    #expect(
      WireError.outOfRange(.welcome, .tickInterval, value: 0, limits: 1...1_000).description
        == "A message 'welcome' has 0 in its field 'tickInterval'; 1 to 1000 is allowed.")
    #expect(
      WireError.wrongDirection(.hello, from: .hub).description
        == "A message 'hello' came from the hub, which must not send it.")
  }

  @Test("Every error fits the text of a goAway unchanged, and differs from every other")
  func fitsGoAway() {
    let type = MessageType.commandResult
    let field = MessageField.skippedTopicEvents
    let errors: [WireError] = [
      .emptyFrame, .frameTooLong(length: 0xffff_ffff, limit: 1_048_576), .unknownType(255),
      .wrongDirection(type, from: .edge), .messageTooLong(type, length: 1_048_576, limit: 1_048_576),
      .truncated(type, field), .trailingBytes(type, count: 1_048_576), .wrongMagic,
      .malformedVarint(type, field), .outOfRange(type, field, value: .max, limits: 0 ... .max),
      .lengthOutOfRange(type, field, length: .max, limits: 1...65_536), .unknownValue(type, field, 255),
      .invalidUTF8(type, field), .forbiddenCharacter(type, field), .notAscending(type, field),
    ]
    for error in errors {
      #expect(error.description.utf8.count <= GoAway.maximumTextCount)
      #expect(error.description.hasSuffix("."))
    }
    #expect(Set(errors.map(\.description)).count == errors.count)
  }
}
