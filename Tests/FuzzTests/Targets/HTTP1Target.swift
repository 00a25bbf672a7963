import HTTP
import Primitives
import TestSupport

@testable import EdgeCore

/// An edge's HTTP/1 connection whose client takes each answer at once.
private struct Exchange {
  private(set) var actions: [ClientSession.BytesReceivedAction] = []
  private var connection = HTTP1Connection()
  private var isClosed = false
  private static let options = SessionOptions(offers: OfferedStreams(allDetails: true, interaction: true))

  init(_ pieces: [ArraySlice<UInt8>]) throws {
    for piece in pieces where !isClosed {
      let bytes = Array(piece)
      var index = 0
      while index < bytes.count, !isClosed {
        let before = index
        let action = connection.bytesReceived(bytes.span, from: &index, options: Self.options)
        if action != .wait { actions.append(action) }
        try demand(action != .wait || index > before, "no byte is taken, and nothing is done")
        try perform(action)
      }
    }
  }

  private mutating func perform(_ action: ClientSession.BytesReceivedAction) throws {
    switch action {
    case .wait: break
    case .close: isClosed = true
    case .startStream: connection.subscribed(ClientID(slot: 0, generation: 0))
    case .send(let response, let form):
      let bytes = response.bytes(in: form, date: nil)
      try demand(isResponse(bytes), "no response: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
      answer(bytes)
    case .serve, .sendStreamHead, .cleanUp: answer([1])
    }
  }

  private mutating func answer(_ bytes: [UInt8]) {
    connection.respond(bytes)
    if case .close = connection.wrote(bytes.count) { isClosed = true }
  }
}

/// The requests of a hub's admin connection that are answered at once, and the refusal after them.
private func adminActions(_ pieces: [ArraySlice<UInt8>]) -> [ServerExchange.BytesReceivedAction] {
  var exchange = ServerExchange(bodyMaximum: 1_024, pipelineMaximum: 32_768)
  var actions: [ServerExchange.BytesReceivedAction] = []
  for piece in pieces {
    let bytes = Array(piece)
    var index = 0
    while index < bytes.count {
      let action = exchange.bytesReceived(bytes.span, from: &index)
      if action != .wait { actions.append(action) }
      guard case .answer = action else { continue }
      _ = exchange.answered()
    }
  }
  return actions
}

/// Whether bytes begin with the head of a response whose lines are all well-formed.
private func isResponse(_ bytes: [UInt8]) -> Bool {
  let text = String(decoding: bytes, as: UTF8.self)
  guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
  // A line end is one character of Swift.
  let lines = text[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false)
  return lines[0].hasPrefix("HTTP/1.1 ")
    && lines.dropFirst().allSatisfy { line in
      line.firstRange(of: ": ").map { $0.lowerBound > line.startIndex } == true
        && !line.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }
}

/// Checks an accepted head against its bytes, by rules that are written down here once more: what another server on the way
/// would understand otherwise must not be accepted (request smuggling).
private func checkHead(_ head: RequestHead, _ bytes: ArraySlice<UInt8>) throws {
  let raw = bytes.starts(with: [13, 10]) ? bytes.dropFirst(2) : bytes
  try demand(raw.count <= RequestLimits.headBytes, "a head of \(raw.count) bytes was accepted")
  var lines = raw.split(separator: 10, omittingEmptySubsequences: false)
  try demand(lines.popLast()?.isEmpty == true && lines.last == [13], "the head does not end in an empty line")
  try demand(
    lines.allSatisfy { $0.last == 13 && !$0.dropLast().contains(13) }, "a bare CR or LF was accepted")
  lines = lines.map { $0.dropLast() }
  let words = lines[0].split(separator: 32, omittingEmptySubsequences: false)
  try demand(words.count == 3, "a request line of \(words.count) words was accepted")
  let fields = lines[1...].dropLast().map { line in
    let name = line.prefix { $0 != 58 }
    let value = line[name.endIndex...].dropFirst()
    return (
      String(decoding: name, as: UTF8.self).lowercased(),
      String(decoding: value, as: UTF8.self).utf8.filter { _ in true }
    )
  }
  try demand(fields.count <= RequestLimits.fields, "\(fields.count) fields were accepted")
  try demand(
    fields.allSatisfy { name, _ in
      !name.isEmpty
        && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
    }, "a malformed name of a field was accepted")
  let hosts = fields.count { $0.0 == "host" }
  try demand(hosts == 1 || head.version == .http10 && hosts == 0, "\(hosts) hosts were accepted")
  try demand(!fields.contains { $0.0 == "transfer-encoding" }, "a transfer coding was accepted")
  let lengths = fields.filter { $0.0 == "content-length" }.map { $0.1.filter { $0 != 32 && $0 != 9 } }
  try demand(lengths.count <= 1, "\(lengths.count) lengths were accepted")
  let length = lengths.first.map { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
  try demand(length == head.contentLength, "the length is \(length ?? -1), not \(head.contentLength)")
  for (name, _) in fields {
    try demand(head.values(of: name).count == fields.count { $0.0 == name }, "a field '\(name)' got lost")
  }
}

/// Checks each head that is accepted, and what is read from its fields.
private func checkHeads(_ bytes: [UInt8]) throws {
  var parser = RequestHeadParser()
  var index = 0
  let all = try NetworkList(parsing: "0.0.0.0/0,::/0")
  while index < bytes.count {
    let start = index
    guard let head = try? parser.parse(bytes.span, from: &index) else {
      return try demand(
        index - start <= RequestLimits.headBytes + 3, "\(index - start) bytes were taken without a result")
    }
    try checkHead(head, bytes[start..<index])
    let fields = head.values(of: "x-forwarded-for")
    if let address = ForwardedFor.clientAddress(
      peer: nil, fields: fields, forwarded: head.values(of: "forwarded"), trusted: all, trustsUnixPeer: true)
    {
      try demand(
        (try? NetworkAddress(parsing: "\(address)")) == address, "\(address) is not read as it is written")
    }
    index = min(bytes.count, index + head.contentLength)
  }
}

extension FuzzTarget {
  /// Any division gives the same actions; what is accepted leaves no doubt about where it ends; answers are well-formed.
  static let http1 = FuzzTarget(
    name: "http1", subject: "requests of HTTP/1, to an edge and to a hub's admin API", sizeMaximum: 20_000,
    seeds: http1Seeds
  ) { bytes in
    let whole = try Exchange([bytes[...]])
    let admin = adminActions([bytes[...]])
    for division in bytes.divisions {
      let actions = try Exchange(division).actions
      try demand(actions == whole.actions, "other actions in pieces: \(actions), not \(whole.actions)")
      try demand(adminActions(division) == admin, "other admin requests in pieces: \(admin)")
    }
    try checkHeads(bytes)
  }

  @Sendable private static func http1Seeds() -> [[UInt8]] {
    let host = "Host: example.org\r\n"
    return [
      "GET /subscribe/eps?hz=10 HTTP/1.1\r\n\(host)Accept: text/event-stream\r\n\r\n",
      "GET /healthz HTTP/1.1\r\n\(host)\r\nHEAD /readyz HTTP/1.1\r\n\(host)Connection: close\r\n\r\n",
      "\r\nGET http://example.org:80/%73ubscribe/raw?resume=1 HTTP/1.0\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\nOPTIONS /subscribe/eps HTTP/1.1\r\n\(host)\r\n",
      "POST /subscribe/cleanup/scores?client=0123456789abcdef HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhello"
        + "GET /metrics HTTP/1.1\r\n\(host)\r\n",
      "GET /subscribe/details/1F602?backfill=3 HTTP/1.1\r\n\(host)X-Forwarded-For: 203.0.113.7, [2001:db8::1]:80\r\n"
        + "x-forwarded-for:\t10.0.0.1 \r\nForwarded: for=\"[::1]\";proto=https, for=_hidden\r\n\r\n",
      "GET /subscribe/eps?resume=1&snapshot=1 HTTP/1.1\r\n\(host)Last-Event-ID: abc:12:0123abcd\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\n\(host)A: b\r\n c\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "POST /api/v1/release HTTP/1.1\r\n\(host)Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"count\": 1}",
      "GET / HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 0\r\n\r\n",
    ].map { Array($0.utf8) }
  }
}
