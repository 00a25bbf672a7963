import EdgeCore
import Testing

@Suite struct DetailsIDTests {
  @Test("Ids of emoji and the like are accepted", arguments: ["1F4C2", "1F1EF-1F1F5", "a_b", "-", "0"])
  func accepted(text: String) {
    #expect(DetailsID(Array(text.utf8))?.description == text)
  }

  @Test(
    "Anything else is refused",
    arguments: ["", "a.b", "a/b", "a b", "%41", "é", "\0", "*", "a\n", "\u{212a}"])
  func refused(text: String) {
    #expect(DetailsID(Array(text.utf8)) == nil)
  }

  @Test("An id has at most 64 bytes", arguments: [63, 64, 65])
  func limit(count: Int) {
    #expect((DetailsID([UInt8](repeating: 0x41, count: count)) == nil) == (count > 64))
  }
}
