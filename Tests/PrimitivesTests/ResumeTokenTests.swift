import Primitives
import Testing

@Suite struct ResumeTokenTests {
  @Test(
    "A token is a lineage, a colon and a position",
    arguments: [("a:0", 0), ("00c0ffee00c0ffee:300", 300), ("Az9:18446744073709551615", .max)]
      as [(String, Position)])
  func accepted(_ text: String, _ position: Position) throws {
    let token = try #require(ResumeToken(Array(text.utf8)))
    #expect(token.position == position)
    #expect(token.lineage.description == text.split(separator: ":")[0])
    #expect(token.description == text)
    #expect(ResumeToken(text.utf8) == token)
  }

  @Test(
    "Any other text is invalid",
    arguments: [
      "", ":", "a", "a:", ":1", "a:1:", "a:1:0", "a:1:0000000", "a:1:000000000", "a:1:0000000A",
      "a:1:0000000g",
      "a:1:00000000:", ":1:00000000", "a::00000000", "a:-1", "a:+1", "a: 1", "a:1 ", "a:01", "a:00", "a:1:2",
      "a:1a", "a-b:1",
      "é:1", "a:é",
      "a:18446744073709551616", "a:99999999999999999999", "a:1\n", "\0a:1",
    ])
  func refused(_ text: String) {
    #expect(ResumeToken(text.utf8) == nil)
  }

  @Test("Bytes that are not UTF-8 are not a token") func malformed() {
    #expect(ResumeToken([0xff, 0x3a, 0x31]) == nil)
    #expect(ResumeToken([0x61, 0x3a, 0xff]) == nil)
  }

  @Test("The longest token is parsed, and anything longer is rejected") func longest() throws {
    let lineage = try #require(Lineage(String(repeating: "f", count: 64)))
    let token = ResumeToken(lineage: lineage, position: .max, check: .max)
    #expect(token.description.utf8.count == ResumeToken.maximumCount)
    #expect(ResumeToken(token.description.utf8) == token)
    #expect(ResumeToken([UInt8](repeating: 0x61, count: 1_000_000)) == nil)
  }

  @Test("It may carry a check of eight digits", arguments: [0, 0xc0ffee, .max] as [UInt32])
  func checked(_ check: UInt32) throws {
    let token = ResumeToken(lineage: try #require(Lineage("a")), position: 7, check: check)
    #expect(token.description.utf8.count == 12)
    #expect(ResumeToken(token.description.utf8) == token)
    #expect(token.unchecked.description == "a:7")
  }

  @Test("Places agree unless they differ in a part that both have")
  func agreement() throws {
    let tokens = try ["a:1", "a:1:00000001", "a:1:00000002", "a:2", "b:1"].map { text in
      try #require(ResumeToken(text.utf8))
    }
    let agreeing = tokens.map { one in tokens.map { one.agrees(with: $0) } }
    #expect(agreeing[0] == [true, true, true, false, false])
    #expect(agreeing[1] == [true, true, false, false, false])
    #expect(agreeing[3] == [false, false, false, true, false])
  }
}
