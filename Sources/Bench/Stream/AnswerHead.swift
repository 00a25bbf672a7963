/// The head of an HTTP/1.1 response, as far as an `EventSource` evaluates it.
struct AnswerHead: Equatable, Sendable {
  /// The result of the bytes so far.
  enum Progress: Equatable {
    /// The head is not complete.
    case incomplete
    /// The head, and its length in bytes.
    case complete(AnswerHead, count: Int)
    /// This is not HTTP, or the head has no end.
    case malformed
  }

  /// The greatest head that is accepted, in bytes.
  static let maximumCount = 16 * 1024

  /// The status code.
  var status = 0
  /// Whether the body is an event stream.
  var isEventStream = false
  /// Whether the body is chunked.
  var isChunked = false
  /// Whether the server announces that it closes the connection, as an edge does when it refuses a client.
  var closes = false
  /// `Retry-After`, in seconds.
  var retryAfterSeconds: UInt64?

  /// Parses a head at the beginning of a connection's bytes.
  static func parse(_ bytes: [UInt8]) -> Progress {
    guard let end = bytes.firstRange(of: "\r\n\r\n".utf8) else {
      return bytes.count > maximumCount ? .malformed : .incomplete
    }
    let text = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    // A carriage return and a line feed are one `Character`.
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
