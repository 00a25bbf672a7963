import HubCore
import Redis
import TLS
import Transport

extension RedisURL {
  /// Where the server is, and how the connection to it is protected.
  func transport() throws -> (Transport.Endpoint, Security) {
    switch endpoint {
    case .tcp(let host, let port): (.tcp(host: host, port: port), .plain)
    case .unix(let path): (.unix(path: path), .plain)
    case .tls(let host, let port, let serverName, let authorityFile):
      (
        .tcp(host: host, port: port),
        .tlsClient(
          try TLSContext.client(authority: authorityFile.map { .file($0) } ?? .systemStore), try serverName.asServerName())
      )
    }
  }

  /// What the feed needs to know of it.
  func feedConfiguration(isInteractionEnabled: Bool) -> FeedConfiguration {
    var configuration = FeedConfiguration()
    configuration.user = user
    configuration.password = password
    configuration.database = database
    configuration.isInteractionEnabled = isInteractionEnabled
    return configuration
  }
}

extension String {
  /// The name as one that a certificate can bear.
  fileprivate func asServerName() throws -> ServerName {
    guard let name = ServerName(self) else {
      throw UnusableAddress(description: "'\(self)' is no name that a certificate can bear")
    }
    return name
  }
}
