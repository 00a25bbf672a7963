import HTTP

extension Response {
  static let notFound = Response.line(.notFound, "There is nothing at this path.")

  static let methodNotAllowed = Response.line(
    .methodNotAllowed, "Only GET, HEAD and OPTIONS are allowed here.",
    fields: [ResponseField("Allow", allowedMethods)])

  static let requestTimeout = Response.line(.requestTimeout, "The request was not complete in time.")

  /// Tells a browser what a page of another origin may send (Fetch §3.2), and anybody else which methods there are.
  static func preflight(allowOrigin: FieldValue) -> Response {
    Response(
      .noContent,
      fields: [
        ResponseField("Allow", allowedMethods),
        ResponseField("Access-Control-Allow-Origin", allowOrigin),
        ResponseField("Access-Control-Allow-Methods", allowedMethods),
        ResponseField("Access-Control-Allow-Headers", "Last-Event-ID, Cache-Control"),
        ResponseField("Access-Control-Max-Age", "86400"),
      ], content: nil)
  }

  private static let allowedMethods: FieldValue = "GET, HEAD, OPTIONS"
}
