import Testing

@testable import Preflight

@Suite struct ReadinessAnswerTests {
  private static func meaning(_ parts: [UInt8]...) -> ReadinessAnswer.Meaning {
    var answer = ReadinessAnswer()
    for part in parts { answer.received(part.span) }
    return answer.meaning
  }

  private static func meaning(_ text: String) -> ReadinessAnswer.Meaning { meaning(Array(text.utf8)) }

  private static let head = "Content-Type: text/plain\r\nConnection: close\r\n\r\n"

  @Test("200 with OK is ready, wherever the bytes are split")
  func ready() {
    let bytes = Array("HTTP/1.1 200 OK\r\n\(Self.head)OK\n".utf8)
    for index in bytes.indices {
      #expect(Self.meaning(Array(bytes[..<index]), Array(bytes[index...])) == .ready)
    }
  }

  @Test("503 is not ready, for the reason in its first line")
  func unready() {
    let answer = "HTTP/1.1 503 Service Unavailable\r\n\(Self.head)The edge is draining.\nmore"
    #expect(Self.meaning(answer) == .unready(reason: "The edge is draining."))
  }

  @Test("A reason is cut off at 200 bytes")
  func longReason() {
    let answer = "HTTP/1.1 503 No\r\n\(Self.head)\(String(repeating: "x", count: 3_000))"
    #expect(Self.meaning(answer) == .unready(reason: String(repeating: "x", count: 200)))
  }

  @Test(
    "Anything else does not come from a hub or an edge",
    arguments: [
      "", "-ERR unknown command\r\n", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n\(head)",
      "HTTP/1.1 200 OK\r\n\(head)<html>OK</html>\n", "HTTP/1.1 404 Not Found\r\n\(head)no\n",
      "HTTP/1.1 503 No\r\n\(head)", "HTTP/1.0 200 OK\r\n\(head)OK\n", "HTTP/1.1 302 OK\r\n\(head)OK\n",
    ])
  func foreign(answer: String) {
    #expect(Self.meaning(answer) == .foreign)
  }

  @Test("At most 4,096 bytes are kept, and an answer of that length is none of ours")
  func limit() {
    var answer = ReadinessAnswer()
    answer.received(Array("HTTP/1.1 503 No\r\n\(Self.head)".utf8).span)
    for _ in 0..<10 { answer.received([UInt8](repeating: 0x78, count: 1_000).span) }
    #expect(answer.isFull)
    #expect(answer.meaning == .foreign)
  }
}
