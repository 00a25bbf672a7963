import HTTP
import Testing

@Suite struct ResponseTests {
  private func form(_ request: String) throws -> ResponseForm {
    ResponseForm(for: try #require(ParseOutcome(request).heads.first))
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("A line is sent with its length and the given date")
  func line() throws {
    let response = Response.line(.notFound, "There is nothing here.", fields: [ResponseField("Allow", "GET")])
    let bytes = response.bytes(in: try form(get()), date: HTTPDate(unixSeconds: 784_111_777))
    #expect(
      text(bytes) == """
        HTTP/1.1 404 Not Found\r
        Allow: GET\r
        Cache-Control: no-store\r
        X-Content-Type-Options: nosniff\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Length: 23\r
        Date: Sun, 06 Nov 1994 08:49:37 GMT\r
        \r
        There is nothing here.

        """)
  }

  @Test("The answer to HEAD has the length of the body and not the body")
  func headRequest() throws {
    let bytes = Response.json(Array("{}".utf8)).bytes(
      in: try form("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"), date: nil)
    #expect(
      text(bytes).hasSuffix("Content-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n"))
  }

  @Test("The last answer of a connection says so")
  func close() throws {
    let response = Response.line(.ok, "ok")
    #expect(text(response.bytes(in: .last, date: nil)).contains("\r\nConnection: close\r\n\r\nok\n"))
    #expect(
      text(response.bytes(in: try form("GET / HTTP/1.0\r\n\r\n"), date: nil)).contains("Connection: close"))
    #expect(!text(response.bytes(in: try form(get()), date: nil)).contains("Connection"))
  }

  @Test("204 has neither a body nor a length")
  func noContent() throws {
    let bytes = Response(.noContent, content: nil).bytes(in: try form(get()), date: nil)
    #expect(text(bytes) == "HTTP/1.1 204 No Content\r\n\r\n")
  }

  @Test("Metrics carry their own media type")
  func metrics() throws {
    let bytes = Response.metrics(MetricsText()).bytes(in: try form(get()), date: nil)
    #expect(
      text(bytes).contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: 0\r\n"))
  }

  @Test("Every status has a phrase of its own")
  func statuses() {
    #expect(Set(Status.allCases.map(\.reasonPhrase)).count == Status.allCases.count)
    #expect(Set(Status.allCases.map(\.reasonPhrase)).allSatisfy { !$0.isEmpty })
  }
}
