import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import Transport

/// An address where clients are accepted.
struct ClientListener: Sendable {
  /// One socket for each worker, so that the kernel spreads the clients among them. A unix socket, or a passed one,
  /// cannot be multiplied: there all workers accept from the same socket.
  let sockets: [ListeningSocket]
  /// How the connections to this listener are framed: plain or TLS, with or without a PROXY header.
  let listenerOptions: ListenerOptions

  func socket(of worker: Int) -> ListeningSocket { sockets[worker % sockets.count] }
}

/// Opens the addresses where clients are accepted, or takes over the sockets that were passed.
struct ClientListeners {
  /// The name of passed sockets for TLS clients. Sockets with any name but this and ``statusName`` are for plain
  /// clients.
  static let secureName = "https"
  /// The name of passed sockets for the edge's state.
  static let statusName = "status"

  let settings: EdgeSettings
  let passed: PassedSockets
  let logger: Logger

  /// Whether there is a listener for TLS clients.
  var areSecure: Bool { settings.secureListen != nil || !passedSockets(Self.secureName).isEmpty }

  func open(secure: SecureContext?) throws -> [ClientListener] {
    try checkProxies()
    let plain = ListenerOptions(secure: nil, requiresProxyHeader: settings.requiresProxyHeader)
    let wrapped = ListenerOptions(secure: secure, requiresProxyHeader: settings.secureRequiresProxyHeader)
    let status = ListenerOptions(secure: nil, requiresProxyHeader: false, isForStatus: true)
    let plainPassed = passedSockets(nil)
    let securePassed = passedSockets(Self.secureName)
    let statusPassed = passedSockets(Self.statusName)
    // Passed sockets replace the configured addresses.
    return try
      (plainPassed.isEmpty ? listeners("listen", settings.listen, plain) : listeners(plainPassed, plain))
      + (securePassed.isEmpty
        ? listeners("https.listen", settings.secureListen ?? [], wrapped) : listeners(securePassed, wrapped))
      + (statusPassed.isEmpty
        ? listeners("status.listen", settings.statusListen ?? [], status) : listeners(statusPassed, status))
  }

  /// The passed sockets with this name; with nil, those for plain clients.
  private func passedSockets(_ name: String?) -> [ListeningSocket] {
    passed.entries.filter { entry in
      let names = [Self.secureName, Self.statusName]
      return name.map { entry.name == $0 } ?? !names.contains { entry.name == $0 }
    }.map(\.socket)
  }

  private func checkProxies() throws {
    let needsProxies = [
      ("listen.proxy", settings.requiresProxyHeader), ("https.proxy", settings.secureRequiresProxyHeader),
    ]
    for (key, isWanted) in needsProxies where isWanted && settings.trustedProxies == .empty {
      let hasSocket = settings.listen.contains {
        if case .unix = $0 { settings.trustsUnixProxy } else { false }
      }
      guard hasSocket else {
        throw ConfigurationError(
          key, "needs proxy.trusted: a PROXY header is believed from trusted proxies only")
      }
    }
  }

  private func listeners(_ passed: [ListeningSocket], _ listenerOptions: ListenerOptions) -> [ClientListener]
  {
    for socket in passed {
      logger.info(
        "clients are accepted from a socket that was passed", metadata: ["address": "\(socket.address)"])
    }
    return passed.map { ClientListener(sockets: [$0], listenerOptions: listenerOptions) }
  }

  private func listeners(_ key: String, _ listen: [ListenAddress], _ listenerOptions: ListenerOptions) throws
    -> [ClientListener]
  {
    let addresses = try ConfigurationError.naming(key) { try listen.flatMap(SocketAddress.all) }
    return try addresses.map { address in
      if ListeningSocket.isInUse(address) {
        logger.notice(
          "another process listens on the address already: clients are shared until it stops",
          metadata: ["address": "\(address)"])
      }
      // The port is shared even with one worker, because a successor must be able to listen before this process
      // stops.
      let first = try ListeningSocket(on: address, sharesPort: true)
      guard address.family != .unix else {
        return ClientListener(sockets: [first], listenerOptions: listenerOptions)
      }
      // The first socket's address, because port 0 is chosen only once.
      let others = try (1..<settings.workers).map { _ in
        try ListeningSocket(on: first.address, sharesPort: true)
      }
      return ClientListener(sockets: [first] + others, listenerOptions: listenerOptions)
    }
  }
}
