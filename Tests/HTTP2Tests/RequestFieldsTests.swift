import HTTP
import Testing

@testable import HTTP2

@Suite struct RequestFieldsTests {
  private func fields(_ texts: [String]) -> RequestFields {
    var fields = RequestFields()
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      fields.append(HeaderField(Array(parts[0].utf8), Array(parts[1].utf8)))
    }
    return fields
  }

  private static let get = [
    ":method=GET", ":scheme=https", ":authority=example.org", ":path=/subscribe/eps?hz=10",
  ]

  private func verdict(_ more: String..., without missing: String = "-") -> RequestFields.Verdict {
    fields(Self.get.filter { !$0.hasPrefix(missing) } + more).request
  }

  @Test("A request has what its fields say")
  func request() throws {
    guard
      case .request(let head) = verdict(
        "accept=text/event-stream", "user-agent=a", "cookie=secret", "te=trailers", "x-forwarded-for=1.2.3.4",
        "x-forwarded-for=5.6.7.8")
    else { return #expect(Bool(false)) }
    #expect(head.method == .get && head.version == .http2 && head.isKeepAlive && head.acceptsEventStream)
    #expect(head.target.path == "/subscribe/eps")
    #expect(head.value(of: "user-agent") == "a")
    #expect(head.value(of: "host") == "example.org")
    #expect(head.values(of: "x-forwarded-for") == ["1.2.3.4", "5.6.7.8"])
    // A field without a meaning here takes no memory.
    #expect(head.value(of: "cookie") == nil)
  }

  @Test("The authority counts, and `host` may stand in for it")
  func authority() {
    guard case .request(let both) = verdict("host=other.example") else { return #expect(Bool(false)) }
    #expect(both.value(of: "host") == "example.org")
    guard case .request(let host) = verdict("host=other.example", without: ":authority") else {
      return #expect(Bool(false))
    }
    #expect(host.value(of: "host") == "other.example")
    guard case .request = verdict(without: ":authority") else { return #expect(Bool(false)) }
    #expect(verdict("host=a", "host=b", without: ":authority") == .refused(.malformedHost))
  }

  @Test("A request without one of the pseudo-header fields, or with an empty one, is malformed")
  func missing() {
    for name in [":method", ":scheme", ":path"] {
      #expect(verdict(without: name) == .malformed)
      #expect(fields(["\(name)="] + Self.get.filter { !$0.hasPrefix(name) }).request == .malformed)
      #expect(fields(Self.get + [Self.get.first { $0.hasPrefix(name) } ?? ""]).request == .malformed)
    }
  }

  @Test(
    "A field that HTTP/2 does not allow makes a request malformed",
    arguments: [
      "X-Upper=a", "connection=close", "keep-alive=1", "proxy-connection=a", "transfer-encoding=chunked",
      "upgrade=h2c", "te=gzip", ":status=200", ":unknown=1", "=a", "a b=c", "a=b\r\nc: d", "a=\u{0}", "a= b",
      "a=b ", ":path=/", "content-length=x",
    ])
  func malformed(field: String) {
    #expect(fields(Self.get + [field]).request == .malformed)
  }

  @Test("A pseudo-header field behind an ordinary one is malformed")
  func order() {
    #expect(fields(["accept=*/*"] + Self.get).request == .malformed)
  }

  @Test("What HTTP/1 answers with an error of its own is answered here too")
  func refused() {
    let path = { (path: String) in fields(Self.get.dropLast() + [":path=\(path)"]).request }
    #expect(path("/" + String(repeating: "a", count: 8_192)) == .refused(.targetTooLong))
    #expect(path("/%zz") == .refused(.malformedTarget))
    #expect(path("/#a") == .refused(.malformedTarget))
    #expect(path("*") == .refused(.malformedTarget))
    #expect(verdict("content-length=65537") == .refused(.bodyTooLarge))
    #expect(
      fields(Self.get + (0..<100).map { "x-\($0)=a" }).request == .refused(.tooManyFields))
    #expect(
      fields(Self.get + (0..<20).map { "x-\($0)=" + String(repeating: "a", count: 1_000) }).request
        == .refused(.headTooLarge))
  }

  @Test("Fields behind a body have no pseudo-header field among them")
  func trailers() {
    #expect(fields(["x-checksum=1"]).areTrailers)
    #expect(!fields([":method=GET"]).areTrailers)
    #expect(!fields(["X-Checksum=1"]).areTrailers)
  }

  @Test("An encoded response is what a decoder reads, without the fields of an HTTP/1 connection")
  func response() throws {
    let response = Response.line(.methodNotAllowed, "No.", fields: [ResponseField("Allow", "GET")])
    let block = response.headerBlock(in: .last, date: HTTPDate(unixSeconds: 0))
    var decoder = HeaderDecoder()
    #expect(
      try decoder.fields(block) == [
        ":status=405", "allow=GET", "cache-control=no-store", "x-content-type-options=nosniff",
        "content-type=text/plain; charset=utf-8", "content-length=4", "date=Thu, 01 Jan 1970 00:00:00 GMT",
      ])
    for status in Status.allCases {
      var block: [UInt8] = []
      HeaderEncoder.append(status, to: &block)
      #expect(try decoder.fields(block) == [":status=\(status.rawValue)"])
    }
  }

  @Test("A long value is encoded with its length in several bytes")
  func longValue() throws {
    let value = String(repeating: "v", count: 1_024)
    var block: [UInt8] = []
    HeaderEncoder.append(Array("x-long".utf8), Array(value.utf8), to: &block)
    var decoder = HeaderDecoder()
    #expect(try decoder.fields(block) == ["x-long=\(value)"])
  }
}
