import HTTP
import Testing

@Suite struct RequestHeadErrorTests {
  static let refused: [(String, RequestHeadError)] = [
    ("GET / HTTP/1.1\nHost: a\r\n\r\n", .bareLineEnd),
    ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineEnd),
    ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineEnd),
    ("GET / HTTP/1.1\rHost: a\r\n\r\n", .bareLineEnd),
    ("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .bareLineEnd),
    (get(fields: ["A: b\rContent-Length: 5"]), .bareLineEnd),
    (get(fields: ["A: b", " folded"]), .malformedField),
    (get(fields: ["A: b", "\tfolded"]), .malformedField),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .malformedField),
    (get(fields: ["A : b"]), .malformedField),
    (get(fields: ["A\t: b"]), .malformedField),
    (get(fields: ["Transfer-Encoding : chunked"]), .malformedField),
    (get(fields: [": b"]), .malformedField),
    (get(fields: ["no colon"]), .malformedField),
    (get(fields: ["nocolon"]), .malformedField),
    (get(fields: ["Naïve: b"]), .malformedField),
    (get(fields: ["A: b\0c"]), .controlByte),
    (get(fields: ["A: b\u{1}c"]), .controlByte),
    (get(fields: ["A: b\u{7f}c"]), .controlByte),
    (get("/\0"), .controlByte),
    (get("/\u{b}"), .controlByte),
    ("\u{16}\u{3}\u{1}\u{2}\0", .controlByte),
    (get(fields: ["Content-Length: 5", "Content-Length: 6"]), .malformedContentLength),
    (get(fields: ["Content-Length: 5", "Content-Length: 5"]), .malformedContentLength),
    (get(fields: ["Content-Length: 5, 5"]), .malformedContentLength),
    (get(fields: ["Content-Length: 5,6"]), .malformedContentLength),
    (get(fields: ["Content-Length: +5"]), .malformedContentLength),
    (get(fields: ["Content-Length: -5"]), .malformedContentLength),
    (get(fields: ["Content-Length: 0x5"]), .malformedContentLength),
    (get(fields: ["Content-Length: 5 5"]), .malformedContentLength),
    (get(fields: ["Content-Length:"]), .malformedContentLength),
    (get(fields: ["Content-Length: ٣"]), .malformedContentLength),
    (get(fields: ["Content-Length: 5", "Transfer-Encoding: chunked"]), .conflictingLengths),
    (get(fields: ["Transfer-Encoding: identity", "Content-Length: 5"]), .conflictingLengths),
    (get(fields: ["transfer-ENCODING: chunked"]), .chunkedBody),
    (get(fields: ["Transfer-Encoding: Chunked"]), .chunkedBody),
    (get(fields: ["Transfer-Encoding: identity"]), .unknownTransferEncoding),
    (get(fields: ["Transfer-Encoding: gzip, chunked"]), .unknownTransferEncoding),
    (get(fields: ["Transfer-Encoding: chunked, chunked"]), .unknownTransferEncoding),
    (get(fields: ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]), .unknownTransferEncoding),
    (get(fields: ["Transfer-Encoding: xchunked"]), .unknownTransferEncoding),
    (get(fields: ["Transfer-Encoding:"]), .unknownTransferEncoding),
    ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .unknownTransferEncoding),
    (get(fields: ["Content-Length: 65537"]), .bodyTooLarge),
    (get(fields: ["Content-Length: 99999999999999999999999999"]), .bodyTooLarge),
    (get(fields: ["Host: a"]), .malformedHost),
    (get(fields: ["host: b"]), .malformedHost),
    ("GET / HTTP/1.1\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: []\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: a]\r\n\r\n", .malformedHost),
    ("GET / HTTP/1.1\r\nHost: é\r\n\r\n", .malformedHost),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .unsupportedVersion),
    ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .unsupportedVersion),
    ("GET / HTTP/0.9\r\nHost: a\r\n\r\n", .unsupportedVersion),
    ("PRI * HTTP/2.0\r\n\r\n", .unsupportedVersion),
    ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .malformedRequestLine),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .malformedRequestLine),
    ("GET / HTTP/11\r\nHost: a\r\n\r\n", .malformedRequestLine),
    ("GET / \r\nHost: a\r\n\r\n", .malformedRequestLine),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    ("GET / x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    ("GET /\r\n", .malformedRequestLine),
    ("GET\r\n", .malformedRequestLine),
    ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
    (get("*"), .malformedTarget),
    (get("subscribe/raw"), .malformedTarget),
    (get("/a\tb"), .malformedTarget),
    (get("/a#b"), .malformedTarget),
    (get("/é"), .malformedTarget),
    (get("/%"), .malformedTarget),
    (get("/%4"), .malformedTarget),
    (get("/%g1"), .malformedTarget),
    (get("ftp://a/"), .malformedTarget),
    (get("http:/a"), .malformedTarget),
    (get("http://"), .malformedTarget),
    (get("http:///a"), .malformedTarget),
    (get("http://user:secret@a/"), .malformedTarget),
    ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
  ]

  @Test("Smuggled and malformed requests are refused, each with its own reason", arguments: refused)
  func refusal(text: String, error: RequestHeadError) {
    #expect(ParseOutcome(text).error == error)
    #expect(ParseOutcome(text).heads.isEmpty)
  }

  @Test("No request after a refused one is parsed")
  func nothingBehindAnError() {
    #expect(ParseOutcome(get("/%") + get("/second")) == ParseOutcome(get("/%")))
  }

  @Test("Each reason has the status that the standards give it")
  func statuses() {
    let others: [RequestHeadError: Status] = [
      .methodTooLong: .notImplemented, .targetTooLong: .uriTooLong,
      .unsupportedVersion: .httpVersionNotSupported,
      .headTooLarge: .requestHeaderFieldsTooLarge, .tooManyFields: .requestHeaderFieldsTooLarge,
      .chunkedBody: .lengthRequired, .bodyTooLarge: .contentTooLarge,
    ]
    for error in RequestHeadError.allCases {
      #expect(error.status == others[error] ?? .badRequest)
    }
  }

  @Test("Every explanation is unique, and names the limit if there is one")
  func explanations() {
    let texts = RequestHeadError.allCases.map(\.explanation.description)
    #expect(Set(texts).count == texts.count)
    #expect(RequestHeadError.targetTooLong.explanation.description.contains("\(RequestLimits.targetBytes)"))
    #expect(RequestHeadError.headTooLarge.explanation.description.contains("\(RequestLimits.headBytes)"))
    #expect(RequestHeadError.tooManyFields.explanation.description.contains("\(RequestLimits.fields)"))
    #expect(RequestHeadError.bodyTooLarge.explanation.description.contains("\(RequestLimits.bodyBytes)"))
    #expect(RequestHeadError.methodTooLong.explanation.description.contains("\(RequestLimits.methodBytes)"))
  }
}
