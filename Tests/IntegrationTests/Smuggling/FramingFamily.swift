/// A request whose end two parsers may see in different places, with another request where one of them may end.
///
/// The other request (``marker``) is harmless, and its answer is like no other. Of a whole family of known tricks one
/// member stands here; ``all`` has them in the order of RFC 9112.
struct FramingFamily: Sendable {
  /// The request that must not come out of another one, unless both parsers see it.
  static let marker = "GET /admin/status.json HTTP/1.1\r\nHost: edge\r\n\r\n"
  /// The length of the marker, and of a last chunk with the marker behind it.
  private static let length = marker.utf8.count
  private static let emptyAndMarker = "0\r\n\r\n\(marker)"

  let name: String
  /// The section of the standard that says what is wrong, or what a receiver does.
  let section: String
  let bytes: [UInt8]
  /// What the edge alone answers; after a refusal it closes, and takes nothing behind it for a request.
  let answers: [Int]

  /// Whether the edge waits for a further request on the same connection.
  let keepsConnection: Bool

  private init(
    _ name: String, _ section: String, _ bytes: [UInt8], _ answers: [Int], keepsConnection: Bool? = nil
  ) {
    self.keepsConnection = keepsConnection ?? answers.allSatisfy { $0 == 404 || $0 < 300 }
    self.name = name
    self.section = section
    self.bytes = bytes
    self.answers = answers
  }

  private init(
    _ name: String, _ section: String, _ text: String, _ answers: [Int], keepsConnection: Bool? = nil
  ) {
    self.init(name, section, Array(text.utf8), answers, keepsConnection: keepsConnection)
  }

  /// A POST with these fields.
  private static func post(_ fields: String..., version: String = "1.1", body: String = "") -> String {
    post(fields, version: version, body: body)
  }

  private static func post(_ fields: [String], version: String = "1.1", body: String) -> String {
    let lines = ["POST /nowhere HTTP/\(version)", "Host: edge"] + fields
    return lines.map { "\($0)\r\n" }.joined() + "\r\n" + body
  }

  /// A GET of a target, with the marker behind it.
  private static func get(_ line: String, _ fields: String...) -> String {
    (["GET \(line)"] + fields).map { "\($0)\r\n" }.joined() + "\r\n" + marker
  }

  private static func chunk(_ size: String, _ data: String) -> String { "\(size)\r\n\(data)\r\n" }

  private static let wholeChunk = chunk(String(length, radix: 16), marker)

  // MARK: The families

  /// Without any doubt: what shows that requests are counted.
  private static let plain = [
    FramingFamily(
      "two requests in one go", "9112 §9.3.2", post("Content-Length: 0", body: marker), [404, 200]),
    FramingFamily(
      "a body that is a request", "9112 §6.2", post("Content-Length: \(length)", body: marker), [404]),
    FramingFamily(
      "a GET with such a body", "9110 §9.3.1",
      get("/nowhere HTTP/1.1", "Host: edge", "Content-Length: \(length)"), [404]),
  ]

  private static let lineEnds = [
    FramingFamily(
      "all lines end in LF alone", "9112 §2.2", "POST /nowhere HTTP/1.1\nHost: edge\n\n\(marker)", [400]),
    FramingFamily("one field ends in LF alone", "9112 §2.2", post("A: b\nC: d", body: marker), [400]),
    FramingFamily(
      "the last line is LF alone", "9112 §2.2", "POST /nowhere HTTP/1.1\r\nHost: edge\r\n\n\(marker)", [400]),
    FramingFamily("a field ends in CR alone", "9112 §2.2", post("A: b\rC: d", body: marker), [400]),
    FramingFamily(
      "a length behind CR alone", "9112 §2.2", post("A: b\rContent-Length: \(length)", body: marker), [400]),
    FramingFamily(
      "the head ends in CR alone", "9112 §2.2", "POST /nowhere HTTP/1.1\r\nHost: edge\r\r\(marker)", [400]),
    FramingFamily("CR, CR, LF", "9112 §2.2", post("A: b\r", body: marker), [400]),
    FramingFamily("two empty lines in front", "9112 §2.2", "\r\n\r\n" + marker, [400]),
  ]

  private static let fields = [
    FramingFamily("a folded value", "9112 §5.2", post("A: b", " c", body: marker), [400]),
    FramingFamily(
      "a folded length", "9112 §5.2", post("Content-Length:", " \(length)", body: marker), [400]),
    FramingFamily(
      "a length in a folded line", "9112 §5.2", post("A: b", "\tContent-Length: \(length)", body: marker),
      [400]),
    FramingFamily(
      "a folded coding", "9112 §5.2", post("Transfer-Encoding:", " chunked", body: emptyAndMarker), [400]),
    FramingFamily(
      "a space in front of the first field", "9112 §2.2",
      "POST /nowhere HTTP/1.1\r\n Content-Length: \(length)\r\nHost: edge\r\n\r\n\(marker)", [400]),
    FramingFamily(
      "a space before the colon of a length", "9112 §5.1",
      post("Content-Length : \(length)", body: marker), [400]),
    FramingFamily(
      "a tab before the colon of a coding", "9112 §5.1",
      post("Transfer-Encoding\t: chunked", body: emptyAndMarker), [400]),
    FramingFamily("no name", "9110 §5.1", post(": b", body: marker), [400]),
    FramingFamily("no colon", "9112 §5", post("GET /admin/status.json HTTP/1.1", body: marker), [400]),
    FramingFamily(
      "a length with an underscore is none", "9110 §5.1", post("Content_Length: \(length)", body: marker),
      [404, 200]),
    FramingFamily(
      "Connection names the length", "9110 §7.6.1",
      post("Connection: Content-Length", "Content-Length: \(length)", body: marker), [404]),
  ]

  private static let lengths =
    [
      ("the same length twice", ["\(length)", "\(length)"], [400]),
      ("two lengths, the first is nothing", ["0", "\(length)"], [400]),
      ("two lengths, the second is nothing", ["\(length)", "0"], [400]),
      ("a list of equal lengths", ["\(length), \(length)"], [400]),
      ("a list of lengths", ["\(length), 0"], [400]),
      ("a length with a sign", ["+\(length)"], [400]),
      ("a negative length", ["-1"], [400]),
      ("a length in hexadecimal", ["0x\(String(length, radix: 16))"], [400]),
      ("a length with a space", ["\(length / 10) \(length % 10)"], [400]),
      ("a length with a fraction", ["\(length).0"], [400]),
      ("an empty length", [""], [400]),
      ("a length beyond 64 bits", ["184467440737095516\(16 + length)"], [413]),
      ("a length with leading zeros", ["000\(length)"], [404]),
    ].map { name, values, answers in
      FramingFamily(
        name, "9112 §6.3", post(values.map { "Content-Length: \($0)" }, body: marker), answers)
    }

  private static let codings =
    [
      ("chunked and a length (CL.TE)", "6.1", ["Transfer-Encoding: chunked"]),
      ("chunked in other letters, and a length", "7", ["Transfer-Encoding: cHuNkEd"]),
      ("an unknown coding and a length", "6.1", ["Transfer-Encoding: xchunked"]),
      ("identity and a length", "7", ["Transfer-Encoding: identity"]),
      ("chunked in front of identity, and a length", "6.3", ["Transfer-Encoding: chunked, identity"]),
      ("chunked twice, and a length", "6.1", ["Transfer-Encoding: chunked, chunked"]),
      ("two codings, and a length", "6.3", ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"]),
      ("a quoted coding and a length", "6.1", ["Transfer-Encoding: \"chunked\""]),
      ("a coding with a parameter, and a length", "7", ["Transfer-Encoding: chunked;q=1"]),
      ("a coding behind a vertical tab, and a length", "5", ["Transfer-Encoding: \u{b}chunked"]),
      ("an empty coding and a length", "6.1", ["Transfer-Encoding:"]),
      ("a space before the colon of a coding, and a length", "5.1", ["Transfer-Encoding : chunked"]),
      ("a coding behind CR alone, and a length", "2.2", ["A: b\rTransfer-Encoding: chunked"]),
      ("a coding behind LF alone, and a length", "2.2", ["A: b\nTransfer-Encoding: chunked"]),
      (
        "Connection names the coding, and a length", "6.1",
        ["Connection: Transfer-Encoding", "Transfer-Encoding: chunked"]
      ),
    ].map { name, section, fields in
      FramingFamily(
        name, "9112 §\(section)",
        post(fields + ["Content-Length: \(emptyAndMarker.utf8.count)"], body: emptyAndMarker), [400])
    } + [
      FramingFamily(
        "a length and chunked (TE.CL)", "9112 §6.1",
        post("Content-Length: 4", "Transfer-Encoding: chunked", body: "\(wholeChunk)0\r\n\r\n"), [400])
    ]

  private static let chunks =
    [
      ("a chunk that is a request", "7.1", "\(wholeChunk)0\r\n\r\n"),
      ("a request behind the last chunk", "7.1", emptyAndMarker),
      ("a chunk's extension", "7.1.1", chunk("1;a=b", "x") + emptyAndMarker),
      ("a quoted extension with a line end", "7.1.1", chunk("1;a=\"\r\n0\r\n\r\n\"", "x") + emptyAndMarker),
      ("an extension that ends in LF alone", "7.1.1", "1;a\nx\r\n" + emptyAndMarker),
      ("an extension with CR alone", "7.1.1", "1;a\rx\r\n" + emptyAndMarker),
      ("a size that ends in LF alone", "7.1", "1\nx\r\n" + emptyAndMarker),
      ("data that end in LF alone", "7.1", "1\r\nx\n" + emptyAndMarker),
      ("data without an end", "7.1", "1\r\nx" + emptyAndMarker),
      ("a size with 0x", "7.1", chunk("0x\(String(length, radix: 16))", marker) + "0\r\n\r\n"),
      ("a size with a sign", "7.1", chunk("+\(String(length, radix: 16))", marker) + "0\r\n\r\n"),
      ("a negative size", "7.1", "-1\r\n" + marker),
      ("a size behind a space", "7.1", chunk(" 1", "x") + emptyAndMarker),
      ("an empty size", "7.1", "\r\n" + emptyAndMarker),
      ("a size beyond 64 bits", "7.1", chunk("10000000000000001", "x") + emptyAndMarker),
      ("a trailer with a length", "6.5.1", "0\r\nContent-Length: \(length)\r\n\r\n\(marker)"),
      ("a trailer that is a request", "7.1.2", "0\r\n\(marker)"),
    ].map { name, section, body in
      FramingFamily(name, "9112 §\(section)", post("Transfer-Encoding: chunked", body: body), [411])
    }

  private static let targets = [
    FramingFamily(
      "an absolute target", "9112 §3.2.2", get("http://edge/nowhere HTTP/1.1", "Host: edge"), [404, 200]),
    FramingFamily(
      "an absolute target of another host", "9112 §3.2.2",
      get("http://other/nowhere HTTP/1.1", "Host: edge"), [404, 200]),
    FramingFamily(
      "an absolute target and two hosts", "9112 §3.2",
      get("http://edge/nowhere HTTP/1.1", "Host: edge", "Host: other"), [400]),
    FramingFamily(
      "a space in the target", "9112 §3.2", get("/nowhere HTTP/1.1 HTTP/1.1", "Host: edge"), [400]),
    FramingFamily(
      "an encoded line end", "3986 §2.1", get("/nowhere%0d%0a%0d%0aGET HTTP/1.1", "Host: edge"), [404, 200]),
    FramingFamily("no version", "9112 §3", get("/nowhere", "Host: edge"), [400]),
    FramingFamily("an unknown version", "9110 §6.2", get("/nowhere HTTP/3.7", "Host: edge"), [505]),
  ]

  private static let upgrades = [
    FramingFamily(
      "Upgrade: h2c, and HTTP/2 behind it", "9110 §7.8",
      Array(
        get(
          "/nowhere HTTP/1.1", "Host: edge", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
          "HTTP2-Settings: AAMAAABkAAQAAP__"
        ).utf8.dropLast(length)) + HTTP2Bytes.opening("/admin/status.json"), [404, 505]),
    FramingFamily(
      "Upgrade: h2c, and a request behind it", "9110 §7.8",
      get("/nowhere HTTP/1.1", "Host: edge", "Connection: Upgrade", "Upgrade: h2c"), [404, 200]),
    FramingFamily(
      "Upgrade: websocket, and a request behind it", "9110 §7.8",
      get(
        "/nowhere HTTP/1.1", "Host: edge", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), [404, 200]),
    FramingFamily(
      "a body that waits for 100", "9110 §10.1.1",
      post("Expect: 100-continue", "Content-Length: \(length)", body: marker), [404], keepsConnection: false),
    FramingFamily(
      "a request behind Connection: close", "9112 §9.6",
      post("Connection: close", "Content-Length: 0", body: marker), [404], keepsConnection: false),
    FramingFamily(
      "a request behind one of HTTP/1.0", "9112 §9.3",
      post("Content-Length: 0", version: "1.0", body: marker), [404], keepsConnection: false),
  ]

  /// What some proxy passes on as it is, so that only the edge refuses it. It is sent to the edge alone.
  private static let passedOn = [
    FramingFamily("NUL in a value", "9110 §5.5", post("A: b\0c", body: marker), [400]),
    FramingFamily(
      "an authority without CONNECT", "9112 §3.2.3", get("edge:80 HTTP/1.1", "Host: edge"), [400]),
    FramingFamily(
      "a tunnel", "9112 §3.2.3", "CONNECT edge:80 HTTP/1.1\r\nHost: edge:80\r\n\r\n\(marker)", [400]),
    FramingFamily("an asterisk without OPTIONS", "9112 §3.2.4", get("* HTTP/1.1", "Host: edge"), [400]),
    FramingFamily("a fragment", "9112 §3.2.1", get("/nowhere#a HTTP/1.1", "Host: edge"), [400]),
    FramingFamily("no host", "9112 §3.2", get("/nowhere HTTP/1.1"), [400]),
    FramingFamily(
      "chunked in HTTP/1.0", "9112 §6.1",
      post("Connection: keep-alive", "Transfer-Encoding: chunked", version: "1.0", body: emptyAndMarker),
      [400]),
  ]

  /// Those that go through proxies too.
  static let throughProxies = plain + lineEnds + fields + lengths + codings + chunks + targets + upgrades

  static let all = throughProxies + passedOn
}
