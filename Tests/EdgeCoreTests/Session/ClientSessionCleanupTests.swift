import EdgeCore
import HTTP
import Testing

@Suite struct ClientSessionCleanupTests {
  @Test("A cleanup is for the driver, with the request's head; its body is skipped")
  func cleanup() throws {
    var session = ClientSession()
    let text = request(
      "POST /subscribe/cleanup/scores?client=0123456789abcdef", fields: ["Content-Length: 3"])
    let key = try #require(ClientKey("0123456789abcdef".utf8))
    let head = try parsedHead(text)
    let result = session.receive(text + "abc")
    #expect(result.action == .cleanUp(.scores, key, head, ResponseForm(for: head, fields: usualFields)))
    #expect(session.responseWritten() == .readOn)
    // The body, in front of the next request.
    let next = request("GET /healthz")
    #expect(
      session.receive("abc" + next).action
        == .serve(.health, ResponseForm(for: try parsedHead(next), fields: usualFields)))
  }

  @Test("A session is idle between two requests, and only then")
  func idle() throws {
    var session = ClientSession()
    #expect(!session.isIdle)
    _ = session.receive(request("GET /healthz"))
    #expect(!session.isIdle)
    _ = session.responseWritten()
    #expect(session.isIdle)
    _ = session.receive("GET /")
    #expect(!session.isIdle)
  }

  @Test("The answer has the number of closed streams")
  func answer() {
    let text = string(Response.cleanedUp(3).bytes(in: .last, date: nil))
    #expect(text.hasSuffix("\r\n\r\n{\"status\":\"OK\",\"closed\":3}"))
  }
}
