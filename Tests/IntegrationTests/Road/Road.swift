import Reactor

/// The path through a proxy to edges.
struct Road {
  let deployment: Deployment
  let approach: Approach

  /// Whether the proxy has an edge for new clients.
  var isReady: Bool { (try? HTTPClient.request("GET", "/readyz", by: approach).status) == 200 }

  /// A client that connects through the proxy.
  func client(_ path: String, fields: String = "", waits: Bool = true) throws -> SSEClient {
    try SSEClient(path, by: approach, fields: fields, waits: waits, timesEvents: true)
  }

  /// The number of `raw` streams on all edges.
  var streamCount: Int {
    get throws {
      try deployment.edges.map { Int(try $0.metrics()["emojitrack_edge_clients{stream=\"raw\"}"] ?? 0) }
        .reduce(0, +)
    }
  }

  /// The edge that serves a stream of this path; nil if none does. A draining edge reports nothing, and serves no new
  /// client.
  func edgeServing(_ path: String) -> EdgeNode? {
    deployment.edges.first { (try? $0.clientAddresses(of: path).isEmpty) == false }
  }

  /// The answer to a browser that asks for a stream when no edge is left.
  func answerWithoutEdge() throws -> String {
    let client = try client(
      "/subscribe/raw", fields: "Accept: text/event-stream\r\nConnection: close\r\n", waits: false)
    defer { client.close() }
    try? wait(for: "an answer", within: .seconds(5)) { client.isEnded }
    guard let head = client.head else { return client.isEnded ? "closed" : "nothing" }
    let status = head.split(separator: " ").dropFirst().first ?? "-"
    return "\(status)\(client.retries.isEmpty ? "" : ", retry")"
  }
}

extension SSEClient {
  /// Whether no more bytes of its stream will arrive.
  var isOver: Bool { isComplete || isEnded }
}
