import HTTP
import TestSupport
import Testing

@Suite struct RequestHeadParserTests {
  @Test("A browser's request is parsed")
  func browserRequest() throws {
    let outcome = ParseOutcome(
      get(
        "/subscribe/eps?hz=10",
        fields: ["Accept: text/event-stream", "User-Agent:  Mozilla/5.0 (X11) \t", "cache-control:no-cache"]))
    #expect(outcome.error == nil)
    let head = try #require(outcome.heads.first)
    #expect(head.method == .get)
    #expect(head.target.path == "/subscribe/eps")
    #expect(head.version == .http11)
    #expect(head.isKeepAlive)
    #expect(head.acceptsEventStream)
    #expect(head.contentLength == 0)
    #expect(head.value(of: "user-agent") == "Mozilla/5.0 (X11)")
    #expect(head.value(of: "cache-control") == "no-cache")
    #expect(head.value(of: "cookie") == nil)
  }

  static let streams: [String] = [
    get("/subscribe/raw") + get("/healthz", fields: ["Connection: close"]),
    "\r\nHEAD http://example.org:80/a%20b/?x=%41 HTTP/1.0\r\n\r\nOPTIONS * HTTP/1.1\r\nHost:\r\n\r\n",
    get(fields: ["Folded: a", " b"]), get(fields: ["A : b"]), "GET / HTTP/1.1\nHost: a\r\n\r\n",
    "\r\n\r\nGET",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}", "GET /\r\n\r\n", get(fields: ["A: b\rc"]),
    get(fields: ["Content-Length: 1", "Transfer-Encoding: chunked"]), get("/%zz"), "GET  / HTTP/1.1\r\n\r\n",
  ]

  @Test("Every cut into two pieces, and into single bytes, gives the same result", arguments: streams)
  func everySplit(text: String) {
    let bytes = Array(text.utf8)
    let whole = ParseOutcome([bytes])
    #expect(whole != ParseOutcome([]))
    for cut in 0...bytes.count {
      #expect(ParseOutcome([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
    }
    #expect(ParseOutcome(bytes.map { [$0] }) == whole)
  }

  @Test("Bytes after a head are left for the next reader")
  func consumedCount() throws {
    let first = get("/a")
    let bytes = Array((first + "BODY").utf8)
    var parser = RequestHeadParser()
    var index = 0
    let head = try parser.parse(bytes.span, from: &index)
    #expect(head?.target.path == "/a")
    #expect(index == first.utf8.count)
    #expect(parser.isIdle)
  }

  @Test("A parser is idle until the first byte, and small")
  func idle() throws {
    var parser = RequestHeadParser()
    #expect(parser.isIdle)
    var index = 0
    #expect(try parser.parse([UInt8(ascii: "G")].span, from: &index) == nil)
    #expect(!parser.isIdle)
    #expect(MemoryLayout<RequestHeadParser>.size <= 16)
  }

  @Test("After an error the parser refuses whatever follows")
  func finishedAfterError() {
    var parser = RequestHeadParser()
    var index = 0
    #expect(throws: RequestHeadError.controlByte) { try parser.parse([0].span, from: &index) }
    index = 0
    let good = Array(get().utf8)
    #expect(throws: RequestHeadError.controlByte) { try parser.parse(good.span, from: &index) }
    #expect(index == 0)
    #expect(!parser.isIdle)
  }

  @Test("A target of 8,192 bytes is accepted, one of 8,193 is too long", arguments: [8191, 8192, 8193])
  func targetLimit(count: Int) {
    let outcome = ParseOutcome(get("/" + String(repeating: "a", count: count - 1)))
    #expect(outcome.error == (count > 8192 ? .targetTooLong : nil))
    #expect(outcome.heads.count == (count > 8192 ? 0 : 1))
  }

  @Test("A head of 16,384 bytes is accepted, one of 16,385 is too large", arguments: [16383, 16384, 16385])
  func headLimit(count: Int) {
    let fixed = get(fields: ["A: "]).utf8.count
    let text = get(fields: ["A: " + String(repeating: "a", count: count - fixed)])
    #expect(text.utf8.count == count)
    let outcome = ParseOutcome(text)
    #expect(outcome.error == (count > 16384 ? .headTooLarge : nil))
    #expect(outcome.heads.count == (count > 16384 ? 0 : 1))
  }

  @Test("A hundred fields are accepted, one more is too many", arguments: [99, 100, 101])
  func fieldLimit(count: Int) {
    let outcome = ParseOutcome(get(fields: (1..<count).map { "F\($0): x" }))
    #expect(outcome.error == (count > 100 ? .tooManyFields : nil))
    #expect(outcome.heads.count == (count > 100 ? 0 : 1))
  }

  @Test("A method of 32 bytes is accepted, one of 33 is too long", arguments: [31, 32, 33])
  func methodLimit(count: Int) {
    let outcome = ParseOutcome(String(repeating: "M", count: count) + " / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(outcome.error == (count > 32 ? .methodTooLong : nil))
    #expect(outcome.heads.map(\.method) == (count > 32 ? [] : [.other]))
  }

  @Test("An endless line is refused at the limit, not at its end")
  func endlessLines() {
    #expect(ParseOutcome("GET /" + String(repeating: "a", count: 8192)).error == .targetTooLong)
    #expect(ParseOutcome("GET / " + String(repeating: "a", count: 16379)).error == .headTooLarge)
    #expect(ParseOutcome(String(repeating: "A", count: 33)).error == .methodTooLong)
  }

  @Test("One empty line before a request is skipped, a second one is not")
  func leadingEmptyLine() {
    #expect(ParseOutcome("\r\n" + get()).heads.count == 1)
    #expect(ParseOutcome(get() + "\r\n" + get()).heads.count == 2)
    #expect(ParseOutcome("\r\n\r\n" + get()).error == .malformedRequestLine)
  }

  @Test("Random bytes never crash the parser, and their division never matters")
  func fuzz() {
    let seed: UInt64 = 2_026_0601
    var random = SeededGenerator(seed: seed)
    let alphabet = [
      "GET ", "HEAD ", "/", "?", "%41", "%", "*", " HTTP/1.1", " HTTP/1.0", "\r\n", "\r", "\n", "Host: a",
      "Host", ":", " ", "\t", "\0", "Content-Length: ", "5", "Transfer-Encoding: chunked", "\u{7f}", "é", "x",
      "\r\n\r\n",
    ]
    for round in 0..<4000 {
      var bytes: [UInt8] = Bool.random(using: &random) ? Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8) : []
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        bytes += alphabet.randomElement(using: &random).map { Array($0.utf8) } ?? []
      }
      let cut = Int.random(in: 0...bytes.count, using: &random)
      let halves = [Array(bytes[..<cut]), Array(bytes[cut...])]
      #expect(ParseOutcome(halves) == ParseOutcome([bytes]), "seed \(seed), round \(round)")
    }
  }
}
