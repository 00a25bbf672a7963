import HTTP

/// The first bytes of every stream: the response head and the `retry:` behind it, to be sent in one write.
///
/// The words of the head are those that the API's acceptance test demands. There is no length and no transfer coding:
/// the end of the stream is the end of the connection, so that all clients can share the very same bytes.
public struct StreamOpening: Sendable {
  private let persistentHead: [UInt8]
  private let closingHead: [UInt8]
  private let retry: RetryDelay

  /// Prepares the heads once.
  ///
  /// - Parameters:
  ///   - allowOrigin: the value of `Access-Control-Allow-Origin`.
  ///   - retry: how long clients wait when the stream has ended.
  public init(allowOrigin: FieldValue, retry: RetryDelay) {
    persistentHead = Self.head(allowOrigin: allowOrigin, connection: "keep-alive")
    closingHead = Self.head(allowOrigin: allowOrigin, connection: "close")
    self.retry = retry
  }

  /// Appends the head alone, as the answer to HEAD.
  ///
  /// HTTP/1.1 is told `keep-alive` even if the client asked for `close`: older clients of the API ask for it without
  /// meaning it, and check the answer for the other word. The stream ends with the connection in either case.
  public func appendHead(for version: Version, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: version == .http11 ? persistentHead : closingHead)
  }

  /// Appends the head and a jittered `retry:`, the first bytes of the body, for which some browsers wait before they
  /// call the stream open.
  public func append(
    for version: Version, using random: inout some RandomNumberGenerator, to bytes: inout [UInt8]
  ) {
    appendHead(for: version, to: &bytes)
    EventStream.append(retryMilliseconds: retry.next(using: &random), to: &bytes)
  }

  /// What any answer with an event stream needs besides its type and its framing: leave for pages of other origins,
  /// and word to nginx not to hold the stream back.
  static func commonFields(allowOrigin: FieldValue) -> [ResponseField] {
    [ResponseField("Access-Control-Allow-Origin", allowOrigin), ResponseField("X-Accel-Buffering", "no")]
  }

  private static func head(allowOrigin: FieldValue, connection: FieldValue) -> [UInt8] {
    let fields = [
      ResponseField("Content-Type", EventStream.mediaType), ResponseField("Cache-Control", "no-cache"),
      ResponseField("Connection", connection),
    ]
    var bytes: [UInt8] = []
    ResponseHead(.ok, fields: fields + commonFields(allowOrigin: allowOrigin)).append(to: &bytes)
    return bytes
  }
}
