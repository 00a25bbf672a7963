import HTTP

/// The answer of an OTLP receiver: a status and, in JSON, the number of rejected points even if the status is good.
struct OpenTelemetryAnswer {
  /// How many bytes of an answer are read.
  static let bytesMaximum = 16 * 1024
  /// How many bytes of the receiver's message are reported.
  static let messageMaximum = 200

  private var bytes: [UInt8] = []

  /// Appends received bytes.
  mutating func received(_ more: Span<UInt8>) {
    for index in more.indices.prefix(Self.bytesMaximum - bytes.count) { bytes.append(more[index]) }
  }

  /// The three digits of the status; nil until they have arrived.
  private var status: Substring? {
    guard bytes.count >= 12, bytes.starts(with: "HTTP/1.".utf8) else { return nil }
    return Substring(decoding: bytes[9..<12], as: UTF8.self)
  }

  /// Whether the status is 2xx.
  var isGood: Bool { status?.first == "2" }

  /// Whether further bytes would change nothing.
  var isComplete: Bool {
    guard bytes.count >= 12 else { return false }
    guard isGood, bytes.count < Self.bytesMaximum else { return true }
    guard let (head, body) = parts else { return false }
    if let length = Self.value(of: "content-length", in: head).flatMap({ Int($0) }) {
      return body.count >= length
    }
    return Self.isChunked(head) && Self.joined(body).isWhole
  }

  /// Why some points were not accepted; nil if all were.
  var failure: String? {
    guard let status else { return "its answer is not HTTP" }
    guard isGood else { return "it answered with \(status)" }
    guard let (head, body) = parts else { return nil }
    let content = Self.isChunked(head) ? Self.joined(body).content : Array(body)
    guard let partial = JSONValue(parsing: content)?["partialSuccess"],
      let rejected = partial["rejectedDataPoints"]
    else { return nil }
    // 64-bit numbers are strings in OTLP's JSON, but some receivers send numbers.
    guard let count = rejected.count ?? rejected.text.flatMap({ UInt64($0) }), count > 0 else { return nil }
    let message = partial["errorMessage"]?.text ?? ""
    return "it rejected \(count) data points"
      + (message.isEmpty
        ? "" : ": \(String(decoding: message.utf8.prefix(Self.messageMaximum), as: UTF8.self))")
  }

  // MARK: Its parts

  private var parts: (head: String, body: ArraySlice<UInt8>)? {
    let mark = Array("\r\n\r\n".utf8)
    guard let end = bytes.firstRange(of: mark) else { return nil }
    return (String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased(), bytes[end.upperBound...])
  }

  private static func value(of name: String, in head: String) -> Substring? {
    for line in head.split(separator: "\r\n") where line.utf8.starts(with: "\(name):".utf8) {
      let value = line.utf8.dropFirst(name.utf8.count + 1)
      return Substring(value.drop { $0 == 0x20 }).prefix { $0 != " " }
    }
    return nil
  }

  private static func isChunked(_ head: String) -> Bool {
    value(of: "transfer-encoding", in: head) == "chunked"
  }

  /// The content of the chunks of a body, and whether the last one has arrived.
  private static func joined(_ body: ArraySlice<UInt8>) -> (content: [UInt8], isWhole: Bool) {
    var content: [UInt8] = []
    var rest = body
    while let end = rest.firstRange(of: Array("\r\n".utf8)),
      let size = Int(
        String(decoding: rest[..<end.lowerBound].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self), radix: 16
      ),
      (0...bytesMaximum).contains(size)
    {
      if size == 0 { return (content, true) }
      let chunk = rest[end.upperBound...].prefix(size)
      content += chunk
      rest = rest[chunk.endIndex...].dropFirst(2)
    }
    return (content, false)
  }
}
