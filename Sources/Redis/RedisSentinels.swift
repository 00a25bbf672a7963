public import Primitives
import TLS
import Transport

/// The sentinels of a deployment, which know its master: the form of a ``RedisURL`` with sentinels in which all files that it
/// names are read.
public struct RedisSentinels {
  /// Where the sentinels are.
  public let addresses: [HostPort]
  /// The name of the deployment.
  public let master: String
  /// Whom to log in to the sentinels as; nil is their default user.
  public let user: String?
  /// The password of the sentinels; nil where they ask for none.
  public let password: String?
  private let context: TLSContext?
  private let serverName: ServerName?

  /// The sentinels that a URL names; nil if it names a server itself.
  ///
  /// - Throws: ``TLS/CredentialError`` for a file of authorities that cannot be used, ``Transport/UnusableAddress`` for a name
  ///   that no certificate can bear.
  public init?(_ url: RedisURL) throws {
    guard case .sentinels(let addresses, let master, let tls) = url.endpoint else { return nil }
    self.addresses = addresses
    self.master = master
    user = url.sentinelUser
    password = url.sentinelPassword
    context = try tls.map {
      try TLSContext.client(authority: $0.authorityFile.map { .file($0) } ?? .systemStore)
    }
    serverName = try tls?.serverName.map { try Self.serverName($0) }
  }

  /// A sentinel, or a server that a sentinel named.
  ///
  /// - Throws: ``Transport/UnusableAddress`` for a host that no certificate can bear, if there is TLS.
  public func server(at address: HostPort) throws -> RedisServer {
    guard let context else { return RedisServer(address, security: .plain) }
    let name = try serverName ?? Self.serverName(address.host)
    return RedisServer(address, security: .tlsClient(context, name))
  }

  private static func serverName(_ text: String) throws -> ServerName {
    guard let name = ServerName(text) else {
      throw UnusableAddress(description: "'\(text)' is no name that a certificate can bear")
    }
    return name
  }
}
