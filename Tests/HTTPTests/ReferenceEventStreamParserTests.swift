import Testing

@Suite struct ReferenceEventStreamParserTests {
  private func events(_ text: String) -> [String] {
    ReferenceEventStreamParser(Array(text.utf8)).events.map {
      String(decoding: $0.type + Array("|".utf8) + $0.data, as: UTF8.self)
    }
  }

  // The examples of the standard, §9.2.6.
  @Test("The standard's own examples come out as the standard says")
  func examples() {
    #expect(events("data: YHOO\ndata: +2\ndata: 10\n\n") == ["message|YHOO\n+2\n10"])
    #expect(
      events(": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n") == [
        "message|first", "message|second", "message| third",
      ])
    #expect(events("data\n\ndata\ndata\n\ndata:") == ["message|", "message|\n"])
    #expect(events("data:test\n\ndata: test\n\n") == ["message|test", "message|test"])
  }

  @Test("Every kind of line end ends a line, a leading byte-order mark is skipped")
  func lineEnds() {
    #expect(events("\u{feff}event:a\rdata:1\r\ndata:2\n\r\n") == ["a|1\n2"])
  }
}
