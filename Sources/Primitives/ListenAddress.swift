/// An address to accept connections on.
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
  /// A TCP port on one host or, if the host is nil, on all addresses of the machine, IPv4 and IPv6. Port 0 lets the
  /// kernel choose.
  case tcp(host: String?, port: UInt16)
  /// A unix socket at that path.
  case unix(path: String)

  /// The greatest length of a unix socket's path, in bytes (`sun_path` of unix(7), without its final NUL).
  package static let maximumPathCount = 107

  /// Reads `host:port`, `[address]:port`, `:port` or `port` (all addresses), or `unix:/path`.
  package init(parsing text: String) throws(MalformedText) {
    let scheme = "unix:"
    if text.hasPrefix(scheme) {
      let path = String(text.dropFirst(scheme.count))
      guard !path.isEmpty else { throw MalformedText("names no path after unix:") }
      guard !path.utf8.contains(0) else { throw MalformedText("has a NUL in its path") }
      guard path.utf8.count <= Self.maximumPathCount else {
        throw MalformedText("has a path longer than \(Self.maximumPathCount) bytes")
      }
      self = .unix(path: path)
    } else if !text.isEmpty, text.utf8.allSatisfy(\.isASCIIDigit) {
      self = .tcp(host: nil, port: try HostPort.port(text))
    } else {
      let (host, port) = try HostPort.split(text)
      self = .tcp(host: host, port: port)
    }
  }

  /// Reads one or more addresses, separated by commas; no address may occur twice.
  package static func list(parsing text: String) throws(MalformedText) -> [ListenAddress] {
    var addresses: [ListenAddress] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let address = try ListenAddress(parsing: String(part.drop { $0 == " " }))
      guard !addresses.contains(address) else { throw MalformedText("names \(address) twice") }
      addresses.append(address)
    }
    return addresses
  }

  /// The text that parses to this value.
  package var description: String {
    switch self {
    case .tcp(let host?, let port): HostPort.join(host, port)
    case .tcp(nil, let port): ":\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
