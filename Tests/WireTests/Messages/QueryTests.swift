import Primitives
import Testing
import Wire

@Suite struct QueryTests {
  private static func place(_ lineage: [UInt8], _ position: [UInt8] = [9]) -> [UInt8] {
    [7, 1] + lineage + position
  }
  private static func tweets(_ topic: [UInt8], _ count: [UInt8] = [10]) -> [UInt8] { [7, 3] + topic + count }
  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .query, field: field) }

  private static let cases: [PayloadCase] =
    field(.id).numbers(0 ... .max) { varint($0) + [3] + letters(1) + [1] }
    + field(.id).varints { $0 + [3] + letters(1) + [1] }
    + field(.questionKind).choices(1...6) { kind in
      [7, kind] + (kind == 4 ? [] : letters(1) + [5] + (kind > 4 ? [1, 2, 3, 4] : []))
    }
    + field(.lineage).lengths(1...64) { place($0) } + field(.lineage).malformedUTF8 { place($0) }
    + field(.lineage).forbidden(["a-b", "é"]) { place($0) }
    + field(.position).numbers(0 ... .max) { place(letters(1), varint($0)) }
    + field(.position).varints { place(letters(1), $0) }
    + field(.topicID).lengths(1...64) { tweets($0) } + field(.topicID).forbidden(["a.b", "é"]) { tweets($0) }
    + field(.tweetCount).numbers(1...10) { tweets(letters(1), varint($0)) }
    + field(.tweetCount).varints { tweets(letters(1), $0) }

  @Test("The id, the kind of question, the place and the topic are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("A hub of version 1 is asked without a check, and not for a fence")
  func expressed() throws {
    let lineage = try #require(Lineage("a"))
    let place = ResumeToken(lineage: lineage, position: 9)
    let checked = ResumeToken(lineage: lineage, position: 9, check: 1)
    #expect(Query(id: 1, .past(checked)).expressed(inVersion: 1) == Query(id: 1, .past(place)))
    #expect(Query(id: 1, .order(checked)).expressed(inVersion: 1) == Query(id: 1, .order(place)))
    #expect(Query(id: 1, .fence).expressed(inVersion: 1) == nil)
    for query in [Query(id: 1, .past(checked)), Query(id: 2, .fence)] {
      #expect(query.expressed(inVersion: 2) == query)
    }
  }

  @Test("The largest message is exactly as long as its limit") func largest() throws {
    let lineage = try #require(Lineage(String(repeating: "x", count: 64)))
    let message = Message.query(
      Query(id: .max, .past(ResumeToken(lineage: lineage, position: .max, check: .max))))
    #expect(encode([message]).count - 4 == MessageType.query.maximumLength)
    #expect(decode(encode([message]), from: .edge) == Decoded(messages: [message]))
  }
}
