/// The head of an HTTP/1.1 answer, as far as an `EventSource` looks at it.
struct AnswerHead: Equatable, Sendable {
  /// What came of the bytes so far.
  enum Progress: Equatable {
    /// The head is not complete.
    case incomplete
    /// The head, and how many bytes it takes.
    case complete(AnswerHead, count: Int)
    /// This is no HTTP, or its head has no end.
    case malformed
  }

  /// The greatest head that is taken, in bytes.
  static let maximumCount = 16 * 1024

  /// The status code.
  var status = 0
  /// Whether the body is an event stream.
  var isEventStream = false
  /// Whether the body comes in chunks.
  var isChunked = false
  /// Whether the server says that it closes the connection: so our edges turn a client away.
  var closes = false
  /// `Retry-After`, in seconds.
  var retryAfterSeconds: UInt64?

  /// Reads a head from the beginning of a connection's bytes.
  static func parse(_ bytes: [UInt8]) -> Progress {
    guard let end = bytes.firstRange(of: "\r\n\r\n".utf8) else {
      return bytes.count > maximumCount ? .malformed : .incomplete
    }
    let text = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    // A carriage return and a line feed are one character.
    var lines = text.split(separator: "\r\n")[...]
    guard let words = lines.popFirst()?.split(separator: " "), words.count >= 2,
      words[0].hasPrefix("HTTP/1."),
      let status = Int(words[1])
    else { return .malformed }
    var head = AnswerHead(status: status)
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { return .malformed }
      head.take(
        line[..<colon].lowercased(), line[line.index(after: colon)...].drop { $0 == " " }.lowercased())
    }
    return .complete(head, count: end.upperBound)
  }

  private mutating func take(_ name: String, _ value: String) {
    switch name {
    case "content-type": isEventStream = value.hasPrefix("text/event-stream")
    case "transfer-encoding": isChunked = value == "chunked"
    case "connection": closes = value == "close"
    case "retry-after": retryAfterSeconds = UInt64(value)
    default: break
    }
  }
}
