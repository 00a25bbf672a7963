import Foundation
import Reactor

/// A parsed response.
struct HTTPAnswer {
  let status: Int
  /// The header fields, by their names in lower case.
  let fields: [String: String]
  let body: [UInt8]

  /// The body as text.
  var text: String { String(decoding: body, as: UTF8.self) }

  /// Takes one complete response from the beginning of the bytes. Nil while it is incomplete.
  ///
  /// - Parameter hasBody: false for an answer to HEAD.
  init?(takenFrom bytes: inout [UInt8], hasBody: Bool = true) {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else { return nil }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    let length = hasBody ? Int(fields["content-length"] ?? "0") ?? 0 : 0
    guard bytes.count >= end.upperBound + length else { return nil }
    self.status = status
    self.fields = fields
    body = Array(bytes[end.upperBound..<end.upperBound + length])
    bytes.removeFirst(end.upperBound + length)
  }
}

/// Sends a request, or arbitrary bytes.
enum HTTPClient {
  /// The response to a request on a connection of its own.
  static func request(_ method: String, _ path: String, at address: SocketAddress, fields: String = "") throws
    -> HTTPAnswer
  {
    try request(method, path, by: Approach(address: address), fields: fields)
  }

  /// The response to a client with its own way of connecting.
  ///
  /// - Parameter body: the body as JSON; nil for none.
  static func request(
    _ method: String, _ path: String, by approach: Approach, fields: String = "", body: String? = nil
  ) throws -> HTTPAnswer {
    let host = fields.contains("Host:") ? "" : "Host: localhost\r\n"
    let content = body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" } ?? ""
    let head =
      "\(method) \(path) HTTP/1.1\r\n\(host)Connection: close\r\n\(fields)\(content)\r\n\(body ?? "")"
    var bytes = try exchange(Array(head.utf8), by: approach)
    let all = String(decoding: bytes, as: UTF8.self)
    guard let answer = HTTPAnswer(takenFrom: &bytes, hasBody: method != "HEAD"), bytes.isEmpty else {
      throw TimedOut(description: "\(method) \(path) was answered with '\(all)'")
    }
    return answer
  }

  /// Sends bytes, and returns everything that arrives until the peer closes.
  static func exchange(_ bytes: [UInt8], at address: SocketAddress) throws -> [UInt8] {
    try exchange(bytes, by: Approach(address: address))
  }

  /// Sends bytes from a client with its own way of connecting.
  static func exchange(_ bytes: [UInt8], by approach: Approach) throws -> [UInt8] {
    let socket = try BlockingSocket(approach)
    try socket.send(bytes)
    return try socket.receiveAll()
  }

  /// The samples of a page of metrics, by name and labels.
  static func samples(_ text: String) -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
        continue
      }
      samples[String(line[..<space])] = value
    }
    return samples
  }
}
