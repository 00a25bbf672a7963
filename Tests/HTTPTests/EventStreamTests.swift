import HTTP
import Primitives
import TestSupport
import Testing

@Suite struct EventStreamTests {
  private func rendered(_ data: [UInt8], name: String? = nil, id: String? = nil) throws -> [UInt8] {
    var bytes: [UInt8] = []
    EventStream.append(
      name: try name.map { try EventName($0.utf8) }, data: data.span, id: try id.map { try EventID($0.utf8) },
      to: &bytes)
    return bytes
  }

  private func rendered(_ data: String, name: String? = nil, id: String? = nil) throws -> String {
    String(decoding: try rendered(Array(data.utf8), name: name, id: id), as: UTF8.self)
  }

  @Test("Events have the predecessors' exact form, without a space behind the colon")
  func exactForm() throws {
    #expect(try rendered("1F600") == "data:1F600\n\n")
    #expect(
      try rendered("{}", name: "stream.tweet_updates.2665") == "event:stream.tweet_updates.2665\ndata:{}\n\n")
    #expect(try rendered("x", name: "a", id: "l:1") == "id:l:1\nevent:a\ndata:x\n\n")
    #expect(try rendered("") == "data:\n\n")
  }

  @Test("Scores, totals and comments have their exact forms")
  func otherForms() throws {
    let id = try EventID("l:1".utf8)
    let scores = [(try ScoreID("A\""), UInt64(1)), (try ScoreID("B"), 20)]
    var bytes: [UInt8] = []
    EventStream.append(scores: scores, id: id, to: &bytes)
    EventStream.append(scores: scores, to: &bytes)
    EventStream.append(scores: [], id: id, to: &bytes)
    EventStream.append(name: try EventName("all".utf8), totals: [], id: id, to: &bytes)
    EventStream.append(comment: "stale 12s", to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        id:l:1\ndata:{"A\\"":1,"B":20}\n
        data:{"A\\"":1,"B":20}\n
        id:l:1\nevent:all\ndata:{}\n
        :stale 12s

        """)
  }

  @Test("Every kind of line break begins a new data line, and no other character does")
  func lineBreaks() throws {
    #expect(try rendered("a\nb\rc\r\nd\n\re") == "data:a\ndata:b\ndata:c\ndata:d\ndata:\ndata:e\n\n")
    #expect(try rendered("a\n") == "data:a\ndata:\n\n")
    #expect(try rendered("a\r") == "data:a\ndata:\n\n")
    let others = "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f"
    #expect(try rendered(others) == "data:\(others)\n\n")
  }

  @Test("A space at the start of a line is protected, NUL is dropped, invalid UTF-8 is replaced")
  func hostileBytes() throws {
    #expect(try rendered(" a\n b") == "data:  a\ndata:  b\n\n")
    #expect(try rendered("\0 a\0b") == "data:  ab\n\n")
    #expect(try rendered([0x61, 0xff, 0xc3]) == Array("data:a\u{fffd}\u{fffd}\n\n".utf8))
    #expect(try rendered([0xc3, 0x0a, 0xa9]) == Array("data:\u{fffd}\ndata:\u{fffd}\n\n".utf8))
  }

  @Test("The growth of scores is one JSON object in the given order")
  func scores() throws {
    var bytes: [UInt8] = []
    EventStream.append(
      scores: [(try ScoreID("1F4C2"), 2), (try ScoreID("2665"), .max), (try ScoreID("a\"\\é"), 0)], to: &bytes
    )
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "data:{\"1F4C2\":2,\"2665\":18446744073709551615,\"a\\\"\\\\é\":0}\n\n")
    let before = bytes
    EventStream.append(scores: [], to: &bytes)
    #expect(bytes == before)
  }

  @Test("retry is in whole milliseconds on a line of its own, and dispatches nothing")
  func retry() {
    var bytes: [UInt8] = []
    for milliseconds: UInt64 in [0, 9, 10, 3000, 18_446_744_073_709_551_615] {
      EventStream.append(retryMilliseconds: milliseconds, to: &bytes)
    }
    #expect(bytes.starts(with: Array("retry:0\nretry:9\n".utf8)))
    let parsed = ReferenceEventStreamParser(bytes)
    #expect(parsed.retries == ["0", "9", "10", "3000", "18446744073709551615"])
    #expect(parsed.events.isEmpty)
  }

  @Test("A comment dispatches nothing")
  func comment() {
    #expect(EventStream.comment == Array(":\n".utf8))
    #expect(ReferenceEventStreamParser(EventStream.comment).events.isEmpty)
  }

  @Test("A parser gets back what was rendered, whatever the data is")
  func roundTrip() throws {
    let seed: UInt64 = 92_06
    var random = SeededGenerator(seed: seed)
    let alphabet: [[UInt8]] = [
      [0x0a], [0x0d], [0x0d, 0x0a], [0], [0x20], [0x3a], [0xff], [0xc3], [0xa9], [0xe2, 0x80, 0xa8],
      [0xc2, 0x85],
      [0xef, 0xbb, 0xbf], [0xf0, 0x9f, 0x98, 0x80], Array("data:".utf8), Array("event: x".utf8),
      Array("id:1".utf8),
      Array("retry:1".utf8), Array("a".utf8), [0x09], [0xed, 0xa0, 0x80],
    ]
    var stream: [UInt8] = []
    var expected: [ReferenceEventStreamParser.Event] = []
    EventStream.append(retryMilliseconds: 1, to: &stream)
    for _ in 0..<5000 {
      var data: [UInt8] = []
      for _ in 0..<Int.random(in: 0...9, using: &random) {
        data += alphabet.randomElement(using: &random) ?? []
      }
      let name = ["message", "stream.tweet_updates.2665"].randomElement(using: &random) ?? ""
      stream += try rendered(data, name: name, id: "a:1")
      stream += EventStream.comment
      EventStream.append(comment: "stale 5s", to: &stream)
      expected.append(.init(type: Array(name.utf8), data: normalized(data), lastEventID: Array("a:1".utf8)))
    }
    let parsed = ReferenceEventStreamParser(stream)
    #expect(parsed.events == expected, "seed \(seed)")
    #expect(parsed.retries == ["1"])
    #expect(parsed.unknownFields == 0)
  }

  /// The data as the format can carry it: line breaks as LF, no NUL, U+FFFD for invalid UTF-8.
  private func normalized(_ data: [UInt8]) -> [UInt8] {
    let text = Array(String(decoding: data, as: UTF8.self).utf8)
    var result: [UInt8] = []
    for (index, byte) in text.enumerated() {
      if byte == 0x0a && index > 0 && text[index - 1] == 0x0d { continue }
      if byte != 0 { result.append(byte == 0x0d ? 0x0a : byte) }
    }
    return result
  }
}
