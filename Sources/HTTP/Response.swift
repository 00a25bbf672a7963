/// A complete response: a head and, unless the status has none, a body of known length.
package struct Response: Equatable, Sendable {
  /// A body and its media type.
  package struct Content: Equatable, Sendable {
    /// The media type.
    package let type: FieldValue
    /// The body.
    package let bytes: [UInt8]

    /// A body of that media type.
    package init(type: FieldValue, bytes: [UInt8]) {
      self.type = type
      self.bytes = bytes
    }
  }

  /// The status.
  package let status: Status
  /// The fields other than those of the content, the form and the date.
  package let fields: [ResponseField]
  /// The body; nil for 204, which has none and no length (RFC 9110 §8.6).
  package let content: Content?

  /// A response without its form.
  package init(_ status: Status, fields: [ResponseField] = [], content: Content?) {
    precondition((content == nil) == (status == .noContent))
    self.status = status
    self.fields = fields
    self.content = content
  }

  /// A response of one line of text that must not be cached.
  ///
  /// - Parameter line: without a line end. A literal, so that nothing from a request can get into it.
  package static func line(_ status: Status, _ line: StaticString, fields: [ResponseField] = []) -> Response {
    .uncached(status, .init(type: .plainText, bytes: Array("\(line)\n".utf8)), fields: fields)
  }

  /// A response with JSON that must not be cached.
  package static func json(
    _ bytes: [UInt8], status: Status = .ok, fields: [ResponseField] = []
  ) -> Response {
    .uncached(status, .init(type: "application/json; charset=utf-8", bytes: bytes), fields: fields)
  }

  /// A response with metrics that must not be cached.
  package static func metrics(_ metrics: MetricsText) -> Response {
    .uncached(.ok, .init(type: MetricsText.mediaType, bytes: metrics.bytes))
  }

  private static func uncached(
    _ status: Status, _ content: Content, fields: [ResponseField] = []
  ) -> Response {
    let common: [ResponseField] = [
      ResponseField("Cache-Control", "no-store"), ResponseField("X-Content-Type-Options", "nosniff"),
    ]
    return Response(status, fields: fields + common, content: content)
  }

  /// The bytes to send.
  ///
  /// - Parameters:
  ///   - form: the form that the request demands.
  ///   - date: the time of the response; nil omits `Date`, as a server without a good clock must (RFC 9110 §6.6.1).
  package func bytes(in form: ResponseForm, date: HTTPDate?) -> [UInt8] {
    var all = fields(in: form, date: date)
    if !form.isKeepAlive { all.append(ResponseField("Connection", "close")) }
    var bytes: [UInt8] = []
    ResponseHead(status, fields: all).append(to: &bytes)
    if let content, !form.omitsBody { bytes.append(contentsOf: content.bytes) }
    return bytes
  }

  /// All fields but those of an HTTP/1 connection.
  package func fields(in form: ResponseForm, date: HTTPDate?) -> [ResponseField] {
    var all = fields + form.fields
    if let content {
      all.append(ResponseField("Content-Type", content.type))
      all.append(ResponseField("Content-Length", FieldValue(content.bytes.count)))
    }
    if let date { all.append(ResponseField("Date", date.fieldValue)) }
    return all
  }
}

/// The properties of a response that depend on the request and the connection, not on its content.
package struct ResponseForm: Equatable, Sendable {
  /// True for the answer to HEAD: its length is that of the body for GET.
  package let omitsBody: Bool
  /// True if a further request may follow on the connection; otherwise the response announces that it is the last.
  package let isKeepAlive: Bool
  /// The fields of every response on this connection.
  package let fields: [ResponseField]

  /// The form of the response to a request.
  ///
  /// - Parameters:
  ///   - isLast: whether the server ends the connection afterwards, even if the client would continue.
  ///   - fields: the fields of every response on this connection.
  package init(for head: RequestHead, isLast: Bool = false, fields: [ResponseField] = []) {
    omitsBody = head.method == .head
    isKeepAlive = head.isKeepAlive && !isLast
    self.fields = fields
  }

  private init(last fields: [ResponseField]) {
    omitsBody = false
    isKeepAlive = false
    self.fields = fields
  }

  /// The last response of a connection, with its body.
  package static let last = last(with: [])

  /// The same, with additional fields.
  package static func last(with fields: [ResponseField]) -> ResponseForm { ResponseForm(last: fields) }
}

extension FieldValue {
  /// The media type of plain text.
  package static let plainText: FieldValue = "text/plain; charset=utf-8"
}
