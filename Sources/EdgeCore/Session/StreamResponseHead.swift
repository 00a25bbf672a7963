import HTTP
import HTTP2

/// The first bytes of every stream: the response head and a `retry:`, to be sent in one write.
///
/// The API's acceptance test checks the fields of the head. A stream of HTTP/1 ends with its connection in any framing,
/// so that a released client resolves the edges' name again and may reach any edge.
package struct StreamResponseHead: Sendable {
  private let persistentHead: [UInt8]
  private let closingHead: [UInt8]
  private let headerBlock: [UInt8]
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
    headerBlock = Self.block(fields)
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

  /// The head as a block of fields of HTTP/2.
  package func headerBlock(date: HTTPDate) -> [UInt8] {
    var block = headerBlock
    HeaderEncoder.append(ResponseField("Date", date.fieldValue), to: &block)
    return block
  }

  /// Appends the head and, framed, a jittered `retry:`. Some browsers report a stream as open only when the body
  /// begins. A stream of HTTP/2 has its head apart from its content: see ``headerBlock(date:)``.
  package func append(
    for version: Version, date: HTTPDate?, using random: inout some RandomNumberGenerator,
    to bytes: inout [UInt8]
  ) {
    if version != .http2 { appendHead(for: version, date: date, to: &bytes) }
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
    let own = content + [ResponseField("Connection", connection)]
    var bytes: [UInt8] = []
    ResponseHead(.ok, fields: own + framing.fields + fields.shared + wordsToProxies).append(to: &bytes)
    return bytes.dropLast(2)
  }

  /// The fields of the content.
  private static let content = [
    ResponseField("Content-Type", EventStream.mediaType), ResponseField("Cache-Control", "no-cache"),
  ]

  /// The block of the fields without the date.
  private static func block(_ fields: AnswerFields) -> [UInt8] {
    var block: [UInt8] = []
    HeaderEncoder.append(.ok, to: &block)
    for field in content + fields.shared + wordsToProxies { HeaderEncoder.append(field, to: &block) }
    return block
  }
}
