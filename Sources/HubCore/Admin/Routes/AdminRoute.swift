import HTTP
import Primitives

/// Where an ``AdminEndpoint`` is, who may ask for it, and what is said: the only place that knows. The router, the refusals and
/// the OpenAPI document all come from here.
struct AdminRoute: Equatable, Sendable {
  /// What is done with a path.
  enum Verb: String, Sendable {
    case get, post, delete

    /// As it stands in a request.
    var name: String { rawValue.uppercased() }
  }

  /// What a good answer holds.
  enum Content: Equatable, Sendable {
    /// JSON of that schema.
    case json(AdminSchema.Name)
    /// Text of another media type.
    case other(String)
  }

  /// Which of the members of a body must be there, where that is not said of each by itself.
  enum Choice: Equatable, Sendable {
    /// One of these, and no other of them.
    case exactlyOne([String])
    /// At least one of these.
    case atLeastOne([String])
  }

  /// What is asked for.
  let endpoint: AdminEndpoint
  /// How.
  let verb: Verb
  /// Where; `{name}` stands for the name of an edge.
  let path: String
  /// What it is: a sentence without its full stop.
  let summary: String
  /// What a good answer holds.
  let content: Content
  /// The items of its query, or the members of its body.
  var parameters: [AdminParameter] = []
  /// Which of them are needed besides those that always are; nil if none.
  var choice: Choice?
  /// True if a loopback address shows it under any name that a request has for it.
  var isOpen = false

  /// Who may ask.
  var role: AdminRole { verb == .get ? .reader : .operator }
  /// True if it concerns one edge.
  var namesEdge: Bool { path.contains("{name}") }
  /// True if it is done by that edge, which may refuse, or not answer.
  var asksEdge: Bool { namesEdge && endpoint != .edge && endpoint != .forgetEdge }

  /// Whether a request's method asks for this.
  func allows(_ method: HTTP.Method) -> Bool {
    switch verb {
    case .get: method == .get || (method == .head && endpoint != .events)
    case .post: method == .post
    case .delete: method == .delete
    }
  }

  /// The name of the edge, if the path is this one; nil inside if it has none.
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
