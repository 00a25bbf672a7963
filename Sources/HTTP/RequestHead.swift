/// The head of a request: the request line and the header fields, checked.
package struct RequestHead: Equatable, Sendable {
  /// The method of the request.
  package let method: Method
  /// The path and query.
  package let target: RequestTarget
  /// The client's HTTP version.
  package let version: Version
  /// How many bytes of body follow the head; at most ``RequestLimits/bodyBytes``.
  package let contentLength: Int
  /// True if the client may send a further request on the same connection.
  ///
  /// Always in HTTP/2, never in HTTP/1.0. In HTTP/1.1 not with `Expect`: a client that gets a final answer while it waits to send its body
  /// may send the body or not, so the start of the next request would be unknown (RFC 9110 §10.1.1).
  package let isKeepAlive: Bool

  private let fields: [RequestField]

  init(
    method: Method, target: RequestTarget, version: Version, contentLength: Int, fields: [RequestField]
  ) {
    self.method = method
    self.target = target
    self.version = version
    self.contentLength = contentLength
    self.fields = fields
    isKeepAlive =
      version == .http2
      || version == .http11 && fields["expect"].isEmpty
        && !fields["connection"].contains { $0.hasListElement("close") }
  }

  /// The value of the first field with this name, nil if there is none.
  ///
  /// Invalid UTF-8 is replaced by U+FFFD. The value never contains CR, LF or NUL, or begins or ends with a space.
  ///
  /// - Parameter name: in lower case.
  package func value(of name: String) -> String? { fields[name].first?.value }

  /// The values of all fields of a name, in their order.
  ///
  /// - Parameter name: in lower case.
  package func values(of name: String) -> [String] { fields[name].map(\.value) }

  /// True if `Accept` names event streams, as every `EventSource` does.
  ///
  /// `*/*` does not count: `curl` sends it, and its user is better served with a plain answer.
  package var acceptsEventStream: Bool {
    fields["accept"].contains { $0.hasListElement("text/event-stream") }
  }
}

/// One header field of a request.
struct RequestField: Equatable, Sendable {
  /// The name in lower case.
  let name: String
  let value: String

  /// True if the value is a comma-separated list with this element, parameters ignored.
  ///
  /// - Parameter element: in lower case.
  func hasListElement(_ element: String) -> Bool {
    Array(value.utf8).split(separator: UInt8(ascii: ",")).contains { part in
      part.prefix { $0 != UInt8(ascii: ";") }.trimmed.map(\.lowercased).elementsEqual(element.utf8)
    }
  }
}

extension [RequestField] {
  /// The fields with this name. Names are ASCII here, so that `==` compares their bytes.
  subscript(name: String) -> [RequestField] { filter { $0.name == name } }
}
