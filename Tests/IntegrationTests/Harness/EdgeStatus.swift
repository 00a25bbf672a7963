import Foundation

/// The parts of an edge's `status.json` that tests use.
struct EdgeStatus: Decodable {
  struct Connection: Decodable {
    let requestPath: String
    let clientIp: String
  }
  let connections: [Connection]
}

extension EdgeNode {
  /// The addresses that the edge lists for clients streaming from a path, in order.
  func clientAddresses(of path: String) throws -> [String] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let body = try HTTPClient.request("GET", "/admin/status.json", by: plain).body
    let status = try decoder.decode(EdgeStatus.self, from: Data(body))
    return status.connections.filter { $0.requestPath == path }.map(\.clientIp).sorted()
  }

  /// A client that sends the `Accept` of a browser's EventSource.
  func browser(_ path: String, by approach: Approach? = nil, fields: String = "") throws -> SSEClient {
    try SSEClient(path, by: approach ?? plain, fields: "Accept: text/event-stream\r\n" + fields)
  }
}

extension SSEClient {
  /// Whether the client was rejected in the form for browsers: a successful answer that ends at once, with a
  /// reconnection time.
  func isTurnedAway() throws -> Bool {
    guard head?.hasPrefix("HTTP/1.1 200 OK\r\n") == true else { return false }
    // Only an answer that ends has a length.
    guard head?.contains("Content-Length:") == true else { return false }
    try wait(for: "the end of the refusal") { isEnded }
    return retries.count == 1 && events == []
  }
}
