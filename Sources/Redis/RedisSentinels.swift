import Primitives
import TLS
import Transport

/// The sentinels of a deployment, which know its master: a ``RedisURL`` with sentinels, after all files that it names
/// have been read.
package struct RedisSentinels {
  /// The addresses of the sentinels.
  package let addresses: [HostPort]
  /// The name of the master in the sentinels' configuration.
  package let master: String
  /// The user for the sentinels; nil is their default user.
  package let user: String?
  /// The password for the sentinels; nil if they need none.
  package let password: String?
  private let context: TLSContext?
  private let serverName: ServerName?

  /// The sentinels of a URL; nil if it names a server itself.
  ///
  /// - Throws: ``TLS/CredentialError`` for an unusable file of authorities, ``Transport/UnusableAddress`` for a name
  ///   that cannot be in a certificate.
  package init?(_ url: RedisURL) throws {
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
  /// - Throws: ``Transport/UnusableAddress`` for a host that cannot be in a certificate, if TLS is used.
  package func server(at address: HostPort) throws -> RedisServer {
    guard let context else { return RedisServer(address, security: .plain) }
    let name = try serverName ?? Self.serverName(address.host)
    return RedisServer(address, security: .tlsClient(context, name))
  }

  private static func serverName(_ text: String) throws -> ServerName {
    guard let name = ServerName(text) else {
      throw UnusableAddress(description: "'\(text)' is not a name that a certificate can contain")
    }
    return name
  }
}
