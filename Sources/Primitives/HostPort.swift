/// An address to connect to: a host and a port, written `host:port`, with an IPv6 address in brackets.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
  /// A host name, an IPv4 address, or an IPv6 address without its brackets.
  package let host: String
  /// 1 to 65,535.
  package let port: UInt16

  /// A valid host (``isHost(_:)``) and its port; nil for any other host, or if the port is 0.
  package init?(host: String, port: UInt16) {
    guard Self.isHost(host), port > 0 else { return nil }
    self.host = host
    self.port = port
  }

  /// Reads `host:port` or `[address]:port`.
  package init(parsing text: String) throws(MalformedText) {
    let (host, port) = try Self.split(text)
    guard let host else { throw MalformedText("names no host before the port") }
    guard port > 0 else { throw MalformedText("has port 0, which accepts no connection") }
    self.host = host
    self.port = port
  }

  /// The text that parses to this value.
  package var description: String { Self.join(host, port) }

  /// True if the text can be the name or the address of a host: a name of RFC 1123 (underscores are accepted), an
  /// IPv4 address, or an IPv6 address without brackets and with its zone, if it has one.
  package static func isHost(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 253 else { return false }
    if bytes.contains(UInt8(ascii: ":")) { return isAddress6(text) }
    let marks = [first, last].contains { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    return !marks && bytes.allSatisfy { $0.isASCIIAlphanumeric || "-._".utf8.contains($0) }
  }

  /// The host, nil if nothing precedes the colon, and the port, which may be 0.
  static func split(_ text: String) throws(MalformedText) -> (host: String?, port: UInt16) {
    guard let colon = text.lastIndex(of: ":") else { throw MalformedText("has no port: write host:port") }
    let host = text[..<colon]
    let port = try port(text[text.index(after: colon)...])
    if host.isEmpty { return (nil, port) }
    if host.utf8.first == UInt8(ascii: "[") {
      guard host.utf8.last == UInt8(ascii: "]"), isAddress6(String(host.dropFirst().dropLast())) else {
        throw MalformedText("has no IPv6 address in its brackets")
      }
      return (String(host.dropFirst().dropLast()), port)
    }
    guard !host.contains(":") else {
      throw MalformedText("has more than one colon: an IPv6 address goes in brackets, as in [::1]:8001")
    }
    guard isHost(String(host)) else { throw MalformedText("has no host name or address before the port") }
    return (String(host), port)
  }

  /// The inverse of `split`.
  static func join(_ host: String, _ port: UInt16) -> String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// A port number in decimal digits.
  static func port(_ text: some StringProtocol) throws(MalformedText) -> UInt16 {
    guard text.utf8.allSatisfy(\.isASCIIDigit), let port = UInt16(text) else {
      throw MalformedText("has no port from 0 to 65535 at its end")
    }
    return port
  }

  /// A shallow check that distinguishes a mistyped address from a name; resolution decides in the end.
  private static func isAddress6(_ text: String) -> Bool {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    let address = parts[0].utf8
    let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
    guard address.count >= 2, address.count <= 45, address.count(where: { $0 == UInt8(ascii: ":") }) >= 2,
      address.allSatisfy({ $0.isASCIIDigit || letters.contains($0 | 0x20) || ":.".utf8.contains($0) })
    else { return false }
    return parts.count == 1
      || !parts[1].isEmpty && parts[1].utf8.allSatisfy { $0.isASCIIAlphanumeric || "-._".utf8.contains($0) }
  }
}
