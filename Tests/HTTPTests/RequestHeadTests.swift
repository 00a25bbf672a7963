import HTTP
import Testing

@Suite struct RequestHeadTests {
  private func head(_ text: String) throws -> RequestHead {
    let outcome = ParseOutcome(text)
    #expect(outcome.error == nil)
    return try #require(outcome.heads.first)
  }

  @Test("Methods are compared byte for byte")
  func methods() throws {
    for (name, method) in [
      ("GET", Method.get), ("HEAD", .head), ("OPTIONS", .options), ("get", .other), ("POST", .post),
      ("DELETE", .delete),
    ] {
      #expect(try head("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n").method == method)
    }
  }

  @Test("Only HTTP/1.1 without close and without Expect keeps the connection open")
  func keepAlive() throws {
    #expect(try head(get()).isKeepAlive)
    #expect(try head(get(fields: ["Connection: keep-alive"])).isKeepAlive)
    #expect(try head(get(fields: ["Connection: closed"])).isKeepAlive)
    #expect(try !head(get(fields: ["Connection: foo , CLOSE"])).isKeepAlive)
    #expect(try !head(get(fields: ["Connection: foo", "connection: close"])).isKeepAlive)
    #expect(try !head(get(fields: ["Expect: 100-continue", "Content-Length: 5"])).isKeepAlive)
    #expect(try !head("GET / HTTP/1.0\r\n\r\n").isKeepAlive)
    #expect(try !head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").isKeepAlive)
  }

  @Test("HTTP/1.0 needs no Host, and an empty or unusual one is valid")
  func hosts() throws {
    #expect(try head("GET / HTTP/1.0\r\n\r\n").version == .http10)
    for host in ["", ":", ":80", "a:", "[::1]:8001", "[::1]", "a_b.example:1", "127.0.0.1"] {
      #expect(try head("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").value(of: "host") == host)
    }
  }

  @Test("A body of up to 65,536 bytes is accepted", arguments: [0, 1, 65535, 65536])
  func contentLength(count: Int) throws {
    #expect(try head(get(fields: ["Content-Length: \(count)"])).contentLength == count)
  }

  @Test("Only its own media type accepts an event stream")
  func acceptsEventStream() throws {
    #expect(try head(get(fields: ["Accept: text/event-stream"])).acceptsEventStream)
    #expect(try head(get(fields: ["Accept: text/html, Text/Event-Stream;q=0.9"])).acceptsEventStream)
    #expect(try head(get(fields: ["Accept: text/html", "Accept: text/event-stream"])).acceptsEventStream)
    #expect(try !head(get(fields: ["Accept: */*"])).acceptsEventStream)
    #expect(try !head(get(fields: ["Accept: text/event-streams"])).acceptsEventStream)
    #expect(try !head(get()).acceptsEventStream)
  }

  @Test("The first of several fields is found, in any case of its name, and bytes beyond ASCII are kept")
  func values() throws {
    let parsed = try head(
      get(fields: ["X-A: 1", "x-a: 2", "uSeR-aGeNt: naïve \u{1f600}", "Empty:", "Colon: a:b"]))
    #expect(parsed.value(of: "x-a") == "1")
    #expect(parsed.value(of: "user-agent") == "naïve \u{1f600}")
    #expect(parsed.value(of: "empty")?.isEmpty == true)
    #expect(parsed.value(of: "colon") == "a:b")
  }

  @Test("Invalid UTF-8 in a value is replaced")
  func latin1() throws {
    let bytes = Array("GET / HTTP/1.0\r\nUser-Agent: na".utf8) + [0xef] + Array("ve\r\n\r\n".utf8)
    #expect(ParseOutcome([bytes]).heads.first?.value(of: "user-agent") == "na\u{fffd}ve")
  }
}
