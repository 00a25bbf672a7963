import Glibc
import HubCore
import Logging
import Primitives
import Reactor
import Redis
import Service
import TLS
import Transport
import Wire

/// `emojitrack-hub`: reads the settings, opens what they name, and runs the loop until it is told to stop.
@main
enum HubProgram {
  static func main() {
    Program.run(HubDeclaration.self, run)
  }

  private static func run(_ settings: HubSettings, _ logger: Logger) throws {
    let admin = try ConfigurationError.naming("admin.listen") { try addresses(settings.adminListen) }
    guard admin.allSatisfy(\.isLocal) else {
      throw ConfigurationError(
        "admin.listen", "is not a loopback address or a unix socket: the admin API has no password yet")
    }
    let link = try ConfigurationError.naming("link.listen") { try addresses(settings.linkListen) }
    let identity = try ConfigurationError.naming("tls.certificate, tls.key") {
      try Identity(certificateFile: settings.certificate, keyFile: settings.privateKey)
    }
    let context = try ConfigurationError.naming("tls.certificate, tls.authority") {
      try TLSContext.linkServer(
        identity: identity, authority: settings.authority, alpn: RelayProtocol.applicationProtocolName)
    }
    guard let node = NodeName(identity.certificate.holder) else {
      throw ConfigurationError(
        "tls.certificate",
        "names '\(identity.certificate.holder)', which is not a host name of at most 63 bytes")
    }
    let redis = try ConfigurationError.naming("redis.url") { try FeedSource(settings.redisURL) }
    let names = settings.feedNames
    if let (first, second) = names.conflict {
      throw ConfigurationError("redis.key, redis.channel", "do not tell '\(first)' and '\(second)' apart")
    }

    _ = ProcessResources.raiseDescriptorLimit()
    let loop = try EventLoop()
    let server = try HubServer(
      settings: settings, node: node, linkContext: context, redis: redis, names: names,
      loop: loop, logger: logger)
    let signals = try Mailbox<ProcessSignal>()
    try loop.receive(from: signals) { received in
      if received.contains(where: { $0 != .hangUp }) { server.shutDown() }
    }
    Signals.deliver { signals.post($0) }
    try server.start(link: link, admin: admin)
    logger.info(
      "started",
      metadata: ["node": "\(node)", "redis": "\(settings.redisURL)", "version": "\(ServiceVersion.current)"])
    loop.run()
    logger.info("stopped")
  }

  private static func addresses(_ listen: [ListenAddress]) throws -> [SocketAddress] {
    try listen.flatMap { try SocketAddress.all(of: $0) }
  }
}
