/// What a client asks for: the request line and the header fields, checked.
public struct RequestHead: Equatable, Sendable {
  /// What is to be done.
  public let method: Method
  /// With what.
  public let target: RequestTarget
  /// The version that the client speaks.
  public let version: Version
  /// How many bytes of body follow the head; at most ``RequestLimits/bodyBytes``.
  public let contentLength: Int
  /// True if the client may send a further request on the same connection.
  ///
  /// Never in HTTP/1.0. Never with `Expect` either: whoever gets a final answer where it waited for leave to send
  /// its body may send the body or not, and the next request would begin in an unknown place (RFC 9110 §10.1.1).
  public let isKeepAlive: Bool

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
      version == .http11 && fields["expect"].isEmpty
      && !fields["connection"].contains { $0.hasListElement("close") }
  }

  /// The value of the first field with that name, nil if there is none.
  ///
  /// What is not UTF-8 in it is replaced by U+FFFD. It never holds CR, LF, NUL, or spaces at its ends.
  ///
  /// - Parameter name: in lower case.
  public func value(of name: String) -> String? { fields[name].first?.value }

  /// The values of all fields of a name, in their order.
  ///
  /// - Parameter name: in lower case.
  public func values(of name: String) -> [String] { fields[name].map(\.value) }

  /// True if the client says by name that it reads event streams, as every `EventSource` does.
  ///
  /// `*/*` does not count: it is what a person's `curl` sends, and a person is better served with a plain answer.
  public var acceptsEventStream: Bool {
    fields["accept"].contains { $0.hasListElement("text/event-stream") }
  }
}

/// One header field of a request.
struct RequestField: Equatable, Sendable {
  /// In lower case.
  let name: String
  let value: String

  /// True if the value is a comma-separated list with that element, parameters aside.
  ///
  /// - Parameter element: in lower case.
  func hasListElement(_ element: String) -> Bool {
    Array(value.utf8).split(separator: UInt8(ascii: ",")).contains { part in
      part.prefix { $0 != UInt8(ascii: ";") }.trimmed.map(\.lowercased).elementsEqual(element.utf8)
    }
  }
}

extension [RequestField] {
  /// The fields with that name. Names are ASCII here, so that `==` compares their bytes.
  subscript(name: String) -> [RequestField] { filter { $0.name == name } }
}
