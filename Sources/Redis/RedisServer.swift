import Primitives
import TLS
import Transport

/// A Redis server to connect to: a ``RedisURL`` after all files that it names have been read.
package struct RedisServer {
  /// The server's address.
  package let endpoint: Endpoint
  /// The protection of its connections.
  package let security: Security

  /// The server of a URL.
  ///
  /// - Throws: ``TLS/CredentialError`` for an unusable file of authorities, ``Transport/UnusableAddress`` for a name
  ///   that cannot be in a certificate, or for the URL of sentinels, which name more than one server: see
  ///   ``RedisSentinels``.
  package init(_ url: RedisURL) throws {
    switch url.endpoint {
    case .tcp(let host, let port):
      endpoint = .tcp(host: host, port: port)
      security = .plain
    case .sentinels:
      throw UnusableAddress(description: "only the hub follows sentinels; name the server itself")
    case .unix(let path):
      endpoint = .unix(path: path)
      security = .plain
    case .tls(let host, let port, let serverName, let authorityFile):
      guard let name = ServerName(serverName) else {
        throw UnusableAddress(description: "'\(serverName)' is not a name that a certificate can contain")
      }
      endpoint = .tcp(host: host, port: port)
      security = .tlsClient(
        try TLSContext.client(authority: authorityFile.map { .file($0) } ?? .systemStore), name)
    }
  }

  /// A server that a sentinel named.
  init(_ address: HostPort, security: Security) {
    endpoint = .tcp(host: address.host, port: address.port)
    self.security = security
  }
}
