import EdgeCore
import HTTP
import TestSupport
import Testing

@Suite struct StreamOpeningTests {
  private let opening = StreamOpening(allowOrigin: "*", retry: .standard)

  private func expectedHead(connection: String) -> String {
    """
    HTTP/1.1 200 OK\r
    Content-Type: text/event-stream; charset=utf-8\r
    Cache-Control: no-cache\r
    Connection: \(connection)\r
    Access-Control-Allow-Origin: *\r
    X-Accel-Buffering: no\r
    \r

    """
  }

  @Test("A stream opens with exactly the head that the API promises, and a retry in the same bytes")
  func firstBytes() {
    var random = SeededGenerator(seed: 1)
    var sameRandom = random
    var bytes: [UInt8] = []
    opening.append(for: .http11, using: &random, to: &bytes)
    let retry = RetryDelay.standard.next(using: &sameRandom)
    #expect(string(bytes) == expectedHead(connection: "keep-alive") + "retry:\(retry)\n")
  }

  @Test("HEAD gets the head alone, HTTP/1.0 is told that the end is the close")
  func heads() {
    var bytes: [UInt8] = []
    opening.appendHead(for: .http11, to: &bytes)
    opening.appendHead(for: .http10, to: &bytes)
    #expect(string(bytes) == expectedHead(connection: "keep-alive") + expectedHead(connection: "close"))
  }

  @Test("The allowed origin is the operator's")
  func allowedOrigin() {
    var bytes: [UInt8] = []
    StreamOpening(allowOrigin: "https://a.example", retry: .standard).appendHead(for: .http11, to: &bytes)
    #expect(string(bytes).contains("\r\nAccess-Control-Allow-Origin: https://a.example\r\n"))
  }
}
