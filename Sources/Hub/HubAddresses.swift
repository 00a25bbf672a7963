import Primitives
import Reactor
import Service
import Transport

/// The addresses on which a hub listens.
struct HubAddresses {
  /// Where edges are accepted.
  let link: [SocketAddress]
  /// Where clients of the admin API are accepted.
  let admin: [(AdminListener, [SocketAddress])]

  /// - Throws: a `ConfigurationError` for an address that cannot be used.
  init(_ settings: HubSettings) throws {
    link = try Self.addresses("link.listen", settings.linkListen)
    let local = try Self.addresses("admin.listen", settings.adminListen)
    guard local.allSatisfy(\.isLocal) else {
      throw ConfigurationError(
        "admin.listen",
        "is not a loopback address or a unix socket: for other addresses, use admin.https.listen")
    }
    admin = [
      (.local, local), (.secure, try Self.addresses("admin.https.listen", settings.adminSecureListen ?? [])),
      (.status, try Self.addresses("status.listen", settings.statusListen ?? [])),
    ]
  }

  private static func addresses(_ key: String, _ listen: [ListenAddress]) throws -> [SocketAddress] {
    try ConfigurationError.naming(key) { try listen.flatMap(SocketAddress.all) }
  }
}
