import Primitives
import Testing

@Suite struct ScoreIDTests {
  @Test(
    "Short UTF-8 text without control characters is an id",
    arguments: ["1F4C2", "1F1EF-1F1F5", " ", "\"\\", "é", "📂", String(repeating: "x", count: 64), "\u{a0}"])
  func accepted(_ text: String) throws {
    let id = try ScoreID(text)
    #expect(id.utf8 == Array(text.utf8))
    #expect(id.description.utf8.elementsEqual(text.utf8))
    #expect(try ScoreID(text.utf8) == id)
  }

  @Test(
    "Invalid ids are refused, each with its reason",
    arguments: [
      ([], .empty),
      (Array(repeating: 0x78, count: 65), .tooLong),
      ([0xff], .invalidUTF8), ([0x61, 0xc3], .invalidUTF8), ([0xed, 0xa0, 0x80], .invalidUTF8),
      ([0xc0, 0x80], .invalidUTF8),
      ([0x00], .controlCharacter), ([0x61, 0x0a], .controlCharacter), ([0x1f], .controlCharacter),
      ([0x7f], .controlCharacter), ([0xc2, 0x80], .controlCharacter), ([0xc2, 0x9f], .controlCharacter),
    ] as [([UInt8], ScoreIDError)])
  func refused(_ bytes: [UInt8], _ error: ScoreIDError) {
    #expect(throws: error) { try ScoreID(bytes) }
    #expect(throws: error) { try ScoreID(bytes[...]) }
  }

  @Test("A text of 64 bytes that ends within a character at byte 65 is too long, not malformed")
  func lengthFirst() {
    #expect(throws: ScoreIDError.tooLong) { try ScoreID(String(repeating: "x", count: 64) + "é") }
  }

  @Test("Canonically equivalent ids differ, because their bytes do") func identity() throws {
    let composed = try ScoreID("\u{e9}")
    let decomposed = try ScoreID("e\u{301}")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
  }

  @Test("Ids are ordered by their bytes") func order() throws {
    let ids = try ["b", "ab", "a", "é", "Z"].map { try ScoreID($0) }
    #expect(ids.sorted().map(\.description) == ["Z", "a", "ab", "b", "é"])
  }
}
