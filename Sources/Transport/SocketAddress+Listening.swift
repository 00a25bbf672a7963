import Primitives
import Reactor

/// An address or a name that cannot be used.
package struct UnusableAddress: Error, CustomStringConvertible {
  /// The reason, in words.
  package let description: String

  /// An error with its text.
  package init(description: String) { self.description = description }
}

extension SocketAddress {
  /// The addresses of a setting. Without a host they are all addresses of the machine, IPv4 and IPv6.
  ///
  /// A host must be numeric, or `localhost`: a listener does not depend on a name server.
  package static func all(of listen: ListenAddress) throws -> [SocketAddress] {
    switch listen {
    case .unix(let path):
      guard let address = SocketAddress(unixPath: path) else {
        throw UnusableAddress(description: "'\(path)' is too long for a unix socket")
      }
      return [address]
    case .tcp(let host, let port):
      let hosts =
        switch host {
        case nil: ["0.0.0.0", "::"]
        case "localhost": ["127.0.0.1", "::1"]
        case let host?: [host]
        }
      let addresses = hosts.compactMap { SocketAddress(numericHost: $0, port: port) }
      guard !addresses.isEmpty else {
        throw UnusableAddress(description: "'\(listen)' is neither a numeric address nor localhost")
      }
      return addresses
    }
  }

  /// True if it can be reached only from this machine: a loopback address or a unix socket.
  package var isLocal: Bool {
    switch family {
    case .unix: true
    case .ipv4: host.hasPrefix("127.")
    case .ipv6: host == "::1"
    }
  }
}
