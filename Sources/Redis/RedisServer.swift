import Primitives
import TLS
public import Transport

/// A Redis server that can be connected to: the form of a ``RedisURL`` in which all files that it names are read.
public struct RedisServer {
  /// Where it is.
  public let endpoint: Endpoint
  /// How connections to it are protected.
  public let security: Security

  /// The server that a URL names.
  ///
  /// - Throws: ``TLS/CredentialError`` for a file of authorities that cannot be used, ``Transport/UnusableAddress`` for a name
  ///   that no certificate can bear, or for the URL of sentinels, which name more than one server: see ``RedisSentinels``.
  public init(_ url: RedisURL) throws {
    switch url.endpoint {
    case .tcp(let host, let port):
      endpoint = .tcp(host: host, port: port)
      security = .plain
    case .sentinels:
      throw UnusableAddress(description: "sentinels are followed by the hub alone; name the server itself")
    case .unix(let path):
      endpoint = .unix(path: path)
      security = .plain
    case .tls(let host, let port, let serverName, let authorityFile):
      guard let name = ServerName(serverName) else {
        throw UnusableAddress(description: "'\(serverName)' is no name that a certificate can bear")
      }
      endpoint = .tcp(host: host, port: port)
      security = .tlsClient(
        try TLSContext.client(authority: authorityFile.map { .file($0) } ?? .systemStore), name)
    }
  }

  /// A server of a deployment.
  init(_ address: HostPort, security: Security) {
    endpoint = .tcp(host: address.host, port: address.port)
    self.security = security
  }
}
