import HTTP

/// The first bytes of every stream: the response head and the `retry:` behind it, to be sent in one write.
///
/// The words of the head are those that the API's acceptance test demands. The end of the stream is the end of the connection
/// whatever the framing is, so that a client which is let go comes back by the name, to any edge.
public struct StreamOpening: Sendable {
  private let persistentHead: [UInt8]
  private let closingHead: [UInt8]
  private let persistentFraming: BodyFraming
  private let retry: RetryDelay

  /// Prepares the heads once.
  ///
  /// - Parameters:
  ///   - fields: what is said with every answer.
  ///   - retry: how long clients wait when the stream has ended.
  ///   - isChunked: whether clients of HTTP/1.1 get their stream in chunks.
  public init(fields: AnswerFields, retry: RetryDelay, isChunked: Bool = true) {
    persistentFraming = isChunked ? .chunked : .untilClose
    persistentHead = Self.head(fields, connection: "keep-alive", framing: persistentFraming)
    closingHead = Self.head(fields, connection: "close", framing: .untilClose)
    self.retry = retry
  }

  /// How the stream of a client is framed.
  public func framing(for version: Version) -> BodyFraming {
    version == .http11 ? persistentFraming : .untilClose
  }

  /// Appends the head alone, as the answer to HEAD.
  ///
  /// HTTP/1.1 is told `keep-alive` even if the client asked for `close`: older clients of the API ask for it without
  /// meaning it, and check the answer for the other word. The stream ends with the connection in either case.
  ///
  /// - Parameter date: the time of the answer; nil leaves it out.
  public func appendHead(for version: Version, date: HTTPDate?, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: version == .http11 ? persistentHead : closingHead)
    if let date { bytes.append(contentsOf: "Date: \(date)\r\n".utf8) }
    bytes.append(contentsOf: "\r\n".utf8)
  }

  /// Appends the head and, framed, a jittered `retry:`, the first bytes of the body, for which some browsers wait before they
  /// call the stream open.
  public func append(
    for version: Version, date: HTTPDate?, using random: inout some RandomNumberGenerator,
    to bytes: inout [UInt8]
  ) {
    appendHead(for: version, date: date, to: &bytes)
    var line: [UInt8] = []
    EventStream.append(retryMilliseconds: retry.next(using: &random), to: &line)
    framing(for: version).append(line, to: &bytes)
  }

  /// What any event stream needs besides its type and its framing: word to proxies not to hold it back. The one is nginx's, the
  /// other is to be everybody's (draft-ietf-httpbis-incremental).
  static let wordsToProxies = [ResponseField("X-Accel-Buffering", "no"), ResponseField("Incremental", "?1")]

  /// The head up to where the date and the empty line follow.
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
