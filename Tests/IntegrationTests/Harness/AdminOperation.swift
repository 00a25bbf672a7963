import Foundation
import Testing

/// An operation in a hub's OpenAPI document. A test knows nothing else about the hub.
struct AdminOperation {
  let method: String
  /// The path; `{name}` stands for the name of an edge.
  let path: String
  private let schema: [String: Any]
  private let shape: JSONShape

  /// All operations that the hub offers.
  static func all(of hub: Hub) throws -> [AdminOperation] {
    let answer = try hub.ask("GET", "/admin/openapi.json")
    try #require(answer.status == 200)
    let document = try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    try #require(document["openapi"] as? String == "3.1.0")
    let shape = JSONShape(document)
    let paths = document["paths"] as? [String: [String: [String: Any]]] ?? [:]
    return paths.sorted { $0.key < $1.key }.flatMap { path, methods in
      methods.sorted { $0.key < $1.key }.map {
        AdminOperation(method: $0.key.uppercased(), path: path, schema: $0.value, shape: shape)
      }
    }
  }

  /// The operation's id.
  var name: String { schema["operationId"] as? String ?? "" }
  /// The role that it requires.
  var role: String { schema["x-role"] as? String ?? "" }

  /// The path for an edge, if the operation concerns one.
  func path(of edge: String) -> String { path.replacing("{name}", with: edge) }

  /// The statuses that may answer it.
  var statuses: Set<Int> { Set((schema["responses"] as? [String: Any] ?? [:]).keys.compactMap { Int($0) }) }

  /// The schema of its body; nil if it has none.
  var body: [String: Any]? {
    let content = (schema["requestBody"] as? [String: Any])?["content"] as? [String: Any]
    return (content?["application/json"] as? [String: Any])?["schema"] as? [String: Any]
  }

  /// Whether its body may be missing.
  var needsNoBody: Bool { (schema["requestBody"] as? [String: Any])?["required"] as? Bool != true }

  /// The parameters of its query, by name.
  var query: [String: [String: Any]] {
    let items = (schema["parameters"] as? [[String: Any]] ?? []).filter { $0["in"] as? String == "query" }
    return items.reduce(into: [:]) {
      $0[$1["name"] as? String ?? ""] = $1["schema"] as? [String: Any]
    }
  }

  /// Checks an answer against the document: it may have no undocumented parts, and none may be missing.
  ///
  /// - Parameter hasBody: false for an answer to HEAD.
  func expect(_ answer: HTTPAnswer, _ how: String, hasBody: Bool = true) {
    let place = "\(how): \(method) \(path) gave \(answer.status) \(answer.text.prefix(300))"
    let responses = schema["responses"] as? [String: Any] ?? [:]
    guard let response = responses["\(answer.status)"] as? [String: Any] else {
      Issue.record("not in the document: \(place)")
      return
    }
    let content = response["content"] as? [String: [String: Any]] ?? [:]
    let type = (answer.fields["content-type"] ?? "").prefix { $0 != ";" }
    #expect(content.keys.contains(String(type)), "\(place)")
    #expect(answer.fields["cache-control"] == "no-store", "\(place)")
    #expect(answer.fields["x-content-type-options"] == "nosniff", "\(place)")
    #expect(answer.fields["access-control-allow-origin"] == nil, "\(place)")
    guard hasBody, type == "application/json",
      let schema = content["application/json"]?["schema"] as? [String: Any]
    else { return }
    guard let value = try? JSONSerialization.jsonObject(with: Data(answer.body)) else {
      Issue.record("no JSON: \(place)")
      return
    }
    let problem = shape.problem(of: value, as: schema)
    #expect(problem == nil, "\(place)")
  }

  /// The answer to the operation; for a stream, the head.
  func ask(_ path: String, by approach: Approach, fields: String = "", body: String? = nil) throws
    -> HTTPAnswer
  {
    guard self.path == "/admin/events", method == "GET" else {
      return try HTTPClient.request(method, path, by: approach, fields: fields, body: body)
    }
    let host = fields.contains("Host:") ? "" : "Host: localhost\r\n"
    let socket = try BlockingSocket(approach)
    try socket.send(Array("GET \(path) HTTP/1.1\r\n\(host)\(fields)\r\n".utf8))
    var bytes: [UInt8] = []
    while true {
      var copy = bytes
      if let answer = HTTPAnswer(takenFrom: &copy) { return answer }
      bytes += try socket.receive()
    }
  }
}
