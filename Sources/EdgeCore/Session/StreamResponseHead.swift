import HTTP

/// The first bytes of every stream: the response head and a `retry:`, to be sent in one write.
///
/// The API's acceptance test checks the fields of the head. The stream ends with the connection in any framing, so
/// that a released client resolves the edges' name again and may reach any edge.
package struct StreamResponseHead: Sendable {
  private let persistentHead: [UInt8]
  private let closingHead: [UInt8]
  private let persistentFraming: BodyFraming
  private let retry: RetryDelay

  /// Prepares the heads once.
  ///
  /// - Parameters:
  ///   - fields: the header fields of every answer.
  ///   - retry: how long clients wait before they reconnect.
  ///   - isChunked: whether clients of HTTP/1.1 get their stream in chunks.
  package init(fields: AnswerFields, retry: RetryDelay, isChunked: Bool = true) {
    persistentFraming = isChunked ? .chunked : .untilClose
    persistentHead = Self.head(fields, connection: "keep-alive", framing: persistentFraming)
    closingHead = Self.head(fields, connection: "close", framing: .untilClose)
    self.retry = retry
  }

  /// The framing of the stream for a client's HTTP version.
  package func framing(for version: Version) -> BodyFraming {
    version == .http11 ? persistentFraming : .untilClose
  }

  /// Appends the head alone, as the answer to HEAD.
  ///
  /// HTTP/1.1 clients get `keep-alive` even if they asked for `close`: older clients of the API send `close` without
  /// meaning it, and expect `keep-alive` in the answer. The stream ends with the connection in either case.
  ///
  /// - Parameter date: the time of the answer; nil omits the field.
  package func appendHead(for version: Version, date: HTTPDate?, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: version == .http11 ? persistentHead : closingHead)
    if let date { bytes.append(contentsOf: "Date: \(date)\r\n".utf8) }
    bytes.append(contentsOf: "\r\n".utf8)
  }

  /// Appends the head and, framed, a jittered `retry:`. Some browsers report a stream as open only when the body
  /// begins.
  package func append(
    for version: Version, date: HTTPDate?, using random: inout some RandomNumberGenerator,
    to bytes: inout [UInt8]
  ) {
    appendHead(for: version, date: date, to: &bytes)
    var line: [UInt8] = []
    EventStream.append(retryMilliseconds: retry.next(using: &random), to: &line)
    framing(for: version).append(line, to: &bytes)
  }

  /// Fields that ask proxies not to buffer the stream: the first for nginx, the second for any proxy
  /// (draft-ietf-httpbis-incremental).
  static let wordsToProxies = [ResponseField("X-Accel-Buffering", "no"), ResponseField("Incremental", "?1")]

  /// The head up to the place of the date and the empty line.
  private static func head(
    _ fields: AnswerFields, connection: FieldValue, framing: BodyFraming
  ) -> [UInt8] {
    let own = [
      ResponseField("Content-Type", EventStream.mediaType), ResponseField("Cache-Control", "no-cache"),
      ResponseField("Connection", connection),
    ]
    var bytes: [UInt8] = []
    ResponseHead(.ok, fields: own + framing.fields + fields.shared + wordsToProxies).append(to: &bytes)
    return bytes.dropLast(2)
  }
}
