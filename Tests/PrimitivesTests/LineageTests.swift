import Primitives
import TestSupport
import Testing

@Suite struct LineageTests {
  @Test(
    "A lineage is 1 to 64 letters and digits",
    arguments: ["a", "0", "Az09", String(repeating: "f", count: 64)])
  func accepted(_ text: String) {
    #expect(Lineage(text)?.description == text)
  }

  @Test(
    "Any other text is invalid",
    arguments: ["", "a-b", "a b", "é", "a\n", ":", String(repeating: "f", count: 65)])
  func refused(_ text: String) {
    #expect(Lineage(text) == nil)
  }

  @Test("A new lineage has 16 hexadecimal digits, leading zeros included, and differs from the one before")
  func random() {
    var random = SeededGenerator(seed: 8)
    let names = (0..<300).map { _ in Lineage(using: &random).description }
    #expect(Set(names).count == 300)
    #expect(names.allSatisfy { $0.utf8.count == 16 && UInt64($0, radix: 16) != nil })
    #expect(names.contains { $0.hasPrefix("0") })
  }
}
