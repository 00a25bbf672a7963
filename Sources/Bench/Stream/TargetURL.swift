import Primitives

/// The URL of the measured stream: `http://host:port/path` or `https://…`.
struct TargetURL: Equatable, Sendable, CustomStringConvertible {
  /// True for `https`.
  let isTLS: Bool
  /// The server's host and port.
  let endpoint: HostPort
  /// The path with its query.
  let path: String

  init(parsing text: String) throws(MalformedText) {
    guard let scheme = text.firstRange(of: "://") else { throw MalformedText("has no http:// or https://") }
    switch text[..<scheme.lowerBound] {
    case "http": isTLS = false
    case "https": isTLS = true
    default: throw MalformedText("is neither http:// nor https://")
    }
    let rest = text[scheme.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let place = String(rest[..<slash])
    let hasPort = place.reversed().prefix { $0 != "]" }.contains(":")
    endpoint = try HostPort(parsing: hasPort ? place : place + (isTLS ? ":443" : ":80"))
    path = slash == rest.endIndex ? "/" : String(rest[slash...])
    guard path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw MalformedText("has a byte in its path that must be percent-encoded")
    }
  }

  /// Scheme, host and port.
  var origin: String { "\(isTLS ? "https" : "http")://\(endpoint)" }

  /// The text that parses to this value.
  var description: String { origin + path }

  /// The data of its events.
  var content: EventScanner.Content { path.prefix { $0 != "?" }.hasSuffix("/eps") ? .scores : .text }

  /// The emoji whose tweets it streams; nil for every other stream.
  var topic: String? {
    let parts = path.prefix { $0 != "?" }.split(separator: "/")
    return parts.count == 3 && parts[1] == "details" ? String(parts[2]) : nil
  }

  /// Whether its events have ids, with which a returning client gets what it missed.
  var isResumable: Bool {
    path.split(separator: "?", maxSplits: 1).last?.split(separator: "&").contains("resume=1") ?? false
  }

  /// The request for the stream.
  ///
  /// - Parameter id: the id after which the stream continues; empty for a new client.
  func request(after id: [UInt8] = []) -> [UInt8] {
    let head = "GET \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nAccept: text/event-stream\r\n"
    let lastEventID = id.isEmpty ? [] : Array("Last-Event-ID: ".utf8) + id + Array("\r\n".utf8)
    return Array(head.utf8) + lastEventID + Array("User-Agent: emojitrack-bench\r\n\r\n".utf8)
  }
}
