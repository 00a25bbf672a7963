import HTTP
import Testing

@Suite struct FieldValueTests {
  @Test(
    "A text that could end a line or the head is no field value",
    arguments: ["", " a", "a ", "a\r\nb: c", "a\nb", "a\0", "a\tb", "é", "\u{7f}"])
  func refused(text: String) {
    #expect(FieldValue(checking: text) == nil)
  }

  @Test("A value has at most 1,024 bytes", arguments: [1023, 1024, 1025])
  func limit(count: Int) {
    #expect((FieldValue(checking: String(repeating: "a", count: count)) == nil) == (count > 1024))
  }

  @Test("Origins, literals and numbers are valid field values")
  func accepted() {
    let origin = "https://emojitracker.example:8443"
    #expect(FieldValue(checking: origin)?.description == origin)
    #expect(FieldValue(checking: "*") == "*")
    #expect(FieldValue(3) == "3")
  }
}
