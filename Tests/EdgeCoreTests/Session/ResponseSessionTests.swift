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

  @Test("The answer to a preflight has what a page may send")
  func preflight() throws {
    let options = SessionOptions(fields: AnswerFields(allowOrigin: "https://a.example"))
    #expect(
      try answer(
        request("OPTIONS /subscribe/raw", fields: ["Origin: https://evil.example"]), options: options) == """
          HTTP/1.1 204 No Content\r
          Allow: GET, HEAD, OPTIONS\r
          Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r
          Access-Control-Allow-Headers: Last-Event-ID, Cache-Control\r
          Access-Control-Max-Age: 86400\r
          Access-Control-Allow-Origin: https://a.example\r
          \r

          """)
  }

  @Test("Pages of other sites may read every answer, errors too, but not the metrics")
  func origins() throws {
    let options = SessionOptions(
      fields: AnswerFields(allowOrigin: "https://a.example", strictTransport: .seconds(86_400)))
    let field = "\r\nAccess-Control-Allow-Origin: https://a.example\r\n"
    let strict = "\r\nStrict-Transport-Security: max-age=86400\r\n"
    for text in [
      request("GET /"), request("GET /nowhere"), request("POST /subscribe/raw"), request("OPTIONS *"),
      request("GET /subscribe/eps?hz=0"), request("GET /subscribe/cleanup/scores"), "GET / HTTP/1.1\r\n\r\n",
      request("GET /metrics/"),
    ] {
      let answer = try answer(text, options: options)
      #expect(answer.contains(field) && answer.contains(strict), "\(text)")
    }
    for text in [request("POST /metrics"), request("OPTIONS /metrics"), request("DELETE /%6detrics")] {
      let answer = try answer(text, options: options)
      #expect(!answer.contains("Access-Control-Allow-Origin") && answer.contains(strict), "\(text)")
    }
    var session = ClientSession()
    guard case .serve(.metrics, let form) = session.receive(request("GET /metrics"), options: options).action
    else {
      Issue.record("no metrics")
      return
    }
    #expect(form.fields == options.fields.unshared)
    var slow = ClientSession()
    _ = slow.receive("GET /", options: options)
    guard case .send(_, let last) = slow.deadlineHit(options: options) else {
      Issue.record("no answer to half a head")
      return
    }
    #expect(last == .last(with: options.fields.shared))
  }

  @Test("Fields that the operator does not want are absent")
  func noStrictTransport() throws {
    #expect(try !answer(request("GET /")).contains("Strict-Transport-Security"))
    #expect(usualFields == [ResponseField("Access-Control-Allow-Origin", "*")])
  }

  @Test("The answer to a wrong method has the allowed ones")
  func methodNotAllowed() throws {
    let text = try answer(request("POST /subscribe/raw"))
    #expect(text.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\n"))
    #expect(text.hasSuffix("\r\n\r\nOnly GET, HEAD and OPTIONS are allowed here.\n"))
  }

  @Test("No byte of a request is repeated in any answer")
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
