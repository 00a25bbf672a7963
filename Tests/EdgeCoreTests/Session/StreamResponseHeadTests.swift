import EdgeCore
import HTTP
import TestSupport
import Testing

@Suite struct StreamResponseHeadTests {
  private let opening = StreamResponseHead(fields: AnswerFields(allowOrigin: "*"), retry: .standard)
  private let date = HTTPDate(unixSeconds: 784_111_777)

  private func expectedHead(_ connection: String, isChunked: Bool = false) -> String {
    """
    HTTP/1.1 200 OK\r
    Content-Type: text/event-stream; charset=utf-8\r
    Cache-Control: no-cache\r
    Connection: \(connection)\r
    \(isChunked ? "Transfer-Encoding: chunked\r\n" : "")Access-Control-Allow-Origin: *\r
    X-Accel-Buffering: no\r
    Incremental: ?1\r
    Date: Sun, 06 Nov 1994 08:49:37 GMT\r
    \r

    """
  }

  private func firstBytes(_ opening: StreamResponseHead, for version: Version) -> (
    bytes: String, retry: UInt64
  ) {
    var random = SeededGenerator(seed: 1)
    var sameRandom = random
    var bytes: [UInt8] = []
    opening.append(for: version, date: date, using: &random, to: &bytes)
    return (string(bytes), RetryDelay.standard.next(using: &sameRandom))
  }

  @Test("A stream opens with exactly the head that the API promises, and a retry in the same bytes")
  func firstBytes() {
    let (bytes, retry) = firstBytes(opening, for: .http11)
    let line = "retry:\(retry)\n"
    #expect(line.utf8.count == 11)
    #expect(bytes == expectedHead("keep-alive", isChunked: true) + "b\r\n\(line)\r\n")
    #expect(opening.framing(for: .http11) == .chunked)
  }

  @Test("HTTP/1.0 gets no chunks, and its stream ends with the connection")
  func old() {
    let (bytes, retry) = firstBytes(opening, for: .http10)
    #expect(bytes == expectedHead("close") + "retry:\(retry)\n")
    #expect(opening.framing(for: .http10) == .untilClose)
  }

  @Test("HTTP/1.1 gets no chunks either, if the operator wants none")
  func withoutChunks() {
    let opening = StreamResponseHead(
      fields: AnswerFields(allowOrigin: "*"), retry: .standard, isChunked: false)
    let (bytes, retry) = firstBytes(opening, for: .http11)
    #expect(bytes == expectedHead("keep-alive") + "retry:\(retry)\n")
    #expect(opening.framing(for: .http11) == .untilClose)
  }

  @Test("HEAD gets the head that GET would get, and nothing else")
  func heads() {
    var bytes: [UInt8] = []
    opening.appendHead(for: .http11, date: date, to: &bytes)
    opening.appendHead(for: .http10, date: date, to: &bytes)
    #expect(string(bytes) == expectedHead("keep-alive", isChunked: true) + expectedHead("close"))
  }

  @Test("The allowed origin is the operator's choice, and so is the field for strict TLS")
  func allowedOrigin() {
    let fields = AnswerFields(allowOrigin: "https://a.example", strictTransport: .seconds(60))
    var bytes: [UInt8] = []
    StreamResponseHead(fields: fields, retry: .standard).appendHead(for: .http11, date: nil, to: &bytes)
    #expect(string(bytes).contains("\r\nAccess-Control-Allow-Origin: https://a.example\r\n"))
    #expect(string(bytes).contains("\r\nStrict-Transport-Security: max-age=60\r\n"))
  }
}
