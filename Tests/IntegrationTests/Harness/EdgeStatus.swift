import Foundation

/// An edge's `status.json`, as far as tests look at it.
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

  /// A client as a browser is one: `Accept` says what it wants.
  func browser(_ path: String, by approach: Approach? = nil, fields: String = "") throws -> SSEClient {
    try SSEClient(path, by: approach ?? plain, fields: "Accept: text/event-stream\r\n" + fields)
  }
}

extension SSEClient {
  /// Whether it was turned away in a browser's words: a good answer that is over at once, and a time to come back.
  func isTurnedAway() throws -> Bool {
    guard head?.hasPrefix("HTTP/1.1 200 OK\r\n") == true else { return false }
    // Only an answer that ends has a length.
    guard head?.contains("Content-Length:") == true else { return false }
    try wait(for: "the end of the refusal") { isEnded }
    return retries.count == 1 && events == []
  }
}
