import Testing

@testable import Service

@Suite struct TextTableTests {
  @Test("Columns are as wide as their widest cell")
  func aligned() {
    #expect(TextTable.aligned([["a", "b", "c"], ["aaa", "b", "c"]]) == "a    b  c\naaa  b  c")
    #expect(TextTable.aligned([]) == "")
  }

  @Test("A table in Markdown escapes characters that would end a cell")
  func markdown() {
    let setting = Setting(
      "a.b", "This | that.", .boolean, default: "true", isReloadable: true, aliases: [.verbose])
    let required = Setting(required: "c", "More.", .filePath)
    #expect(
      TextTable.markdown([setting, required]) == """
        | setting | environment | default | meaning |
        |---|---|---|---|
        | `a.b` | `EMOJITRACK_A_B`, `VERBOSE` | `true` | This \\| that. Allowed: true or false. A reload applies it. |
        | `c` | `EMOJITRACK_C` | must be set | More. Allowed: a path. |
        """)
  }
}
