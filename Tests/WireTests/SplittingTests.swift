import Testing

@testable import Wire

@Suite struct SplittingTests {
  @Test("Arrays are split into full parts and a rest") func arrays() {
    #expect([Int]().split(maximumCount: 3) == [[]])
    #expect([1, 2, 3].split(maximumCount: 3) == [[1, 2, 3]])
    #expect([1, 2, 3, 4, 5, 6, 7].split(maximumCount: 3) == [[1, 2, 3], [4, 5, 6], [7]])
  }

  @Test(
    "A text is cut at the end of a Unicode scalar",
    arguments: [
      ("abc", 3, "abc"), ("abcd", 3, "abc"), ("aé", 2, "a"), ("aé", 3, "aé"), ("📂", 3, ""), ("📂x", 4, "📂"),
      ("e\u{301}", 1, "e"), ("ab", 0, ""),
    ])
  func texts(_ text: String, _ count: Int, _ cut: String) {
    #expect(Array(text.cut(maximumCount: count).utf8) == Array(cut.utf8))
  }

  @Test("A text of one very long character is cut too") func endless() {
    let text = "e" + String(repeating: "\u{301}", count: 5_000)
    #expect(text.cut(maximumCount: 256).utf8.count == 255)
  }
}
