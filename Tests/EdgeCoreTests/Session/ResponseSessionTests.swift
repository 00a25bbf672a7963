import EdgeCore
import HTTP
import Testing

@Suite struct ResponseSessionTests {
  private func answer(_ text: String, options: SessionOptions = SessionOptions()) throws -> String {
    var session = ClientSession()
    guard case .send(let response, let form) = session.receive(text, options: options).action else {
      Issue.record("no response")
      return ""
    }
    return string(response.bytes(in: form, date: nil))
  }

  @Test("A preflight is answered with what a page may send")
  func preflight() throws {
    let options = SessionOptions(allowOrigin: "https://a.example")
    #expect(
      try answer(
        request("OPTIONS /subscribe/raw", fields: ["Origin: https://evil.example"]), options: options) == """
          HTTP/1.1 204 No Content\r
          Allow: GET, HEAD, OPTIONS\r
          Access-Control-Allow-Origin: https://a.example\r
          Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r
          Access-Control-Allow-Headers: Last-Event-ID, Cache-Control\r
          Access-Control-Max-Age: 86400\r
          \r

          """)
  }

  @Test("Another method is told which ones there are")
  func methodNotAllowed() throws {
    let text = try answer(request("POST /subscribe/raw"))
    #expect(text.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\n"))
    #expect(text.hasSuffix("\r\n\r\nOnly GET, HEAD and OPTIONS are allowed here.\n"))
  }

  @Test("No byte of a request comes back in any answer")
  func nothingIsReflected() throws {
    let marker = "zq7marker"
    let texts = [
      request("GET /\(marker)?\(marker)"), request("\(marker) /subscribe/raw"),
      request(
        "OPTIONS /subscribe/raw", fields: ["Origin: \(marker)", "Access-Control-Request-Headers: \(marker)"]),
      "GET / \(marker)\r\n\r\n", request("GET /", fields: ["\(marker) : x"]),
      request("GET /%0d%0a\(marker):x"),
      request("GET /%\(marker)"), "GET / HTTP/1.1\r\nHost: <\(marker)>\r\n\r\n",
    ]
    for text in texts {
      let answer = try answer(text)
      #expect(answer.hasPrefix("HTTP/1.1 "))
      #expect(!answer.contains(marker), "reflected from \(text)")
    }
  }
}
