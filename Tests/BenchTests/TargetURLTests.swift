import Primitives
import Testing

@testable import Bench

@Suite struct TargetURLTests {
  @Test("A URL gives the server and the stream")
  func parts() throws {
    let url = try TargetURL(parsing: "https://[::1]:8443/subscribe/eps?hz=10")
    #expect(url.isTLS)
    #expect(url.endpoint == (try HostPort(parsing: "[::1]:8443")))
    #expect(url.path == "/subscribe/eps?hz=10")
    #expect(url.content == .scores)
    #expect(url.topic == nil)
    #expect(url.origin == "https://[::1]:8443")
    #expect(
      String(decoding: url.request(), as: UTF8.self).hasPrefix(
        "GET /subscribe/eps?hz=10 HTTP/1.1\r\nHost: [::1]:8443\r\n"))
  }

  @Test("A client that returns to a stream with ids names its last one")
  func resuming() throws {
    let url = try TargetURL(parsing: "http://h/subscribe/eps?hz=10&resume=1")
    #expect(url.isResumable)
    #expect(
      String(decoding: url.request(after: Array("l:7".utf8)), as: UTF8.self).contains(
        "\r\nLast-Event-ID: l:7\r\n"))
    #expect(!String(decoding: url.request(), as: UTF8.self).contains("Last-Event-ID"))
    #expect(try !TargetURL(parsing: "http://h/resume=1").isResumable)
    #expect(try !TargetURL(parsing: "http://h/?resume=10").isResumable)
  }

  @Test(
    "Port and path have their usual defaults", arguments: [("http://127.0.0.1", 80), ("https://[::1]", 443)])
  func defaults(text: String, port: UInt16) throws {
    let url = try TargetURL(parsing: text)
    #expect(url.endpoint.port == port)
    #expect(url.path == "/")
  }

  @Test("Only eps carries scores, and only details of one emoji has a topic")
  func contents() throws {
    #expect(try TargetURL(parsing: "http://h/subscribe/raw").content == .text)
    let details = try TargetURL(parsing: "http://h/subscribe/details/1F600")
    #expect(details.content == .text)
    #expect(details.topic == "1F600")
    #expect(try TargetURL(parsing: "http://h/subscribe/details").topic == nil)
  }

  @Test(
    "Invalid URLs are refused",
    arguments: ["127.0.0.1:80/", "ftp://h/", "http:///x", "http://h:0/", "http://h/a b"])
  func refused(text: String) {
    #expect(throws: MalformedText.self) { try TargetURL(parsing: text) }
  }
}
