/// The peer of an outgoing connection.
package enum Endpoint: Equatable, Sendable, CustomStringConvertible {
  /// A host name or a numeric address, and a port.
  case tcp(host: String, port: UInt16)
  /// The path of a unix socket.
  case unix(path: String)

  /// `relay.example:8010`, `[::1]:8010` or `unix:/path`.
  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
