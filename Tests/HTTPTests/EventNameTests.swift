import HTTP
import Testing

@Suite struct EventNameTests {
  @Test("Names of channels are valid names of events")
  func accepted() throws {
    for text in ["stream.tweet_updates.1F1EF-1F1F5", "a", "0", "._-"] {
      #expect(throws: Never.self) { try EventName(text.utf8) }
    }
    #expect(throws: Never.self) { try EventID("0f:12-3A".utf8) }
  }

  @Test(
    "A name cannot forge a field", arguments: ["a\nb", "a\rb", "a\0", "a b", "a:b", "é", "a/b", "*"])
  func refusedNames(text: String) {
    #expect(throws: EventFieldError.forbiddenByte) { try EventName(text.utf8) }
  }

  @Test("An id cannot forge a field", arguments: ["a\nb", "a\rb", "a\0", "a b", "a.b", "é", "a_b"])
  func refusedIDs(text: String) {
    #expect(throws: EventFieldError.forbiddenByte) { try EventID(text.utf8) }
  }

  @Test("A name and an id have 1 to 128 bytes")
  func limits() {
    for count in [127, 128] {
      #expect(throws: Never.self) { try EventName([UInt8](repeating: 0x61, count: count)) }
      #expect(throws: Never.self) { try EventID([UInt8](repeating: 0x61, count: count)) }
    }
    #expect(throws: EventFieldError.tooLong) { try EventName([UInt8](repeating: 0x61, count: 129)) }
    #expect(throws: EventFieldError.tooLong) { try EventID([UInt8](repeating: 0x61, count: 129)) }
    #expect(throws: EventFieldError.empty) { try EventName([UInt8]()) }
    #expect(throws: EventFieldError.empty) { try EventID([UInt8]()) }
  }
}
