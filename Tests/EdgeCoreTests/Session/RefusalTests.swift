import EdgeCore
import HTTP
import TestSupport
import Testing

@Suite struct RefusalTests {
  @Test("An event-stream client gets a 200 that ends at once and says when to reconnect")
  func eventStream() {
    var random = SeededGenerator(seed: 1)
    var sameRandom = random
    let refusal = Refusal(retry: .standard)
    let bytes = refusal.response(acceptsEventStream: true, using: &random)
      .bytes(in: .last(with: usualFields), date: nil)
    let body = "retry:\(RetryDelay.standard.next(using: &sameRandom))\n"
    #expect(
      string(bytes) == """
        HTTP/1.1 200 OK\r
        Cache-Control: no-cache\r
        X-Accel-Buffering: no\r
        Incremental: ?1\r
        Access-Control-Allow-Origin: *\r
        Content-Type: text/event-stream; charset=utf-8\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """)
  }

  @Test("Any other client gets a 503 with the wait in whole seconds, rounded up")
  func others() throws {
    var random = SeededGenerator(seed: 1)
    let delay = try #require(RetryDelay(milliseconds: 1_000))
    let refusal = Refusal(retry: delay)
    var seen: Set<String> = []
    for _ in 0..<100 {
      let response = refusal.response(acceptsEventStream: false, using: &random)
      #expect(response.status == .serviceUnavailable)
      let text = string(response.bytes(in: .last, date: nil))
      seen.formUnion(text.split(separator: "\r\n").filter { $0.hasPrefix("Retry-After") }.map(String.init))
    }
    #expect(seen == ["Retry-After: 1", "Retry-After: 2"])
  }
}
