import HTTP

extension Response {
  static let notFound = Response.line(.notFound, "There is nothing at this path.")

  static func methodNotAllowed(_ methods: AllowedMethods) -> Response {
    let line: StaticString =
      switch methods {
      case .reading: "Only GET, HEAD and OPTIONS are allowed here."
      case .acting: "Only POST and OPTIONS are allowed here."
      }
    return .line(.methodNotAllowed, line, fields: [ResponseField("Allow", methods.fieldValue)])
  }

  /// The number of streams that were closed, in the predecessors' format.
  package static func cleanedUp(_ count: Int) -> Response {
    var json = JSONWriter()
    json.object {
      $0.member("status", "OK")
      $0.member("closed", count)
    }
    return .json(json.bytes)
  }

  static let requestTimeout = Response.line(.requestTimeout, "The request was not complete in time.")

  /// Tells a browser what a page of another origin may send (Fetch §3.2), and other clients which methods are
  /// allowed.
  static func preflight(_ methods: AllowedMethods) -> Response {
    Response(
      .noContent,
      fields: [
        ResponseField("Allow", methods.fieldValue),
        ResponseField("Access-Control-Allow-Methods", methods.fieldValue),
        ResponseField("Access-Control-Allow-Headers", "Last-Event-ID, Cache-Control"),
        ResponseField("Access-Control-Max-Age", "86400"),
      ], content: nil)
  }
}

extension AllowedMethods {
  fileprivate var fieldValue: FieldValue {
    switch self {
    case .reading: "GET, HEAD, OPTIONS"
    case .acting: "POST, OPTIONS"
    }
  }
}
