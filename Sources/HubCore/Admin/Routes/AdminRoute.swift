import HTTP
import Primitives

/// Path, method, role and answer of an ``AdminEndpoint``: the only place that defines them. The router, the refusals
/// and the OpenAPI document are derived from it.
struct AdminRoute: Equatable, Sendable {
  /// The method of a route.
  enum Verb: String, Sendable {
    case get, post, delete

    /// The method as in a request.
    var name: String { rawValue.uppercased() }
  }

  /// The content of a successful answer.
  enum Content: Equatable, Sendable {
    /// JSON with this schema.
    case json(AdminSchema.Name)
    /// Text of another media type.
    case other(String)
  }

  /// Which members of a body are required, where the choice depends on several of them.
  enum Choice: Equatable, Sendable {
    /// Exactly one of these.
    case exactlyOne([String])
    /// At least one of these.
    case atLeastOne([String])
  }

  let endpoint: AdminEndpoint
  /// The route's method.
  let verb: Verb
  /// The route's path; `{name}` stands for the name of an edge.
  let path: String
  /// A summary: a sentence without its full stop.
  let summary: String
  /// The content of a successful answer.
  let content: Content
  /// The items of the query, or the members of the body.
  var parameters: [AdminParameter] = []
  /// Which further parameters are required, depending on the others; nil if none.
  var choice: Choice?
  /// Whether a loopback address serves the route under any `Host`, and `status.listen` to any client.
  var isOpen = false

  /// The role that the route requires.
  var role: AdminRole { verb == .get ? .reader : .operator }
  /// Whether the route concerns one edge.
  var namesEdge: Bool { path.contains("{name}") }
  /// Whether that edge performs the request, so that it may refuse, or not answer.
  var asksEdge: Bool { namesEdge && endpoint != .edge && endpoint != .forgetEdge }

  /// Whether the route answers a request's method.
  func allows(_ method: HTTP.Method) -> Bool {
    switch verb {
    case .get: method == .get || (method == .head && endpoint != .events)
    case .post: method == .post
    case .delete: method == .delete
    }
  }

  /// Nil if the path does not match. Otherwise the name of the edge, which is nil for a path without one.
  func match(_ segments: [[UInt8]]) -> NodeName?? {
    let parts = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"))
    guard parts.count == segments.count else { return nil }
    var node: NodeName?
    for (part, segment) in zip(parts, segments) {
      if part.elementsEqual("{name}".utf8) {
        guard let name = NodeName(String(decoding: segment, as: UTF8.self)) else { return nil }
        node = name
      } else if !part.elementsEqual(segment) {
        return nil
      }
    }
    return .some(node)
  }
}
