import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import Transport

/// An address at which clients are accepted.
struct Door: Sendable {
  /// One for each worker, among which the kernel spreads the clients. A unix socket, or one that was passed, has no such
  /// thing: there all workers accept from the same one.
  let sockets: [ListeningSocket]
  /// How the connections to this listener are framed: plain or TLS, with or without a PROXY header.
  let wrapping: Wrapping

  func socket(of worker: Int) -> ListeningSocket { sockets[worker % sockets.count] }
}

/// Opens the addresses at which clients are accepted, or takes over those that were passed.
struct EdgeDoors {
  /// What a passed socket is called whose clients come within TLS; but for these and ``statusName``, all are for plain clients.
  static let secureName = "https"
  /// What a passed socket is called at which the edge's state is served.
  static let statusName = "status"

  let settings: EdgeSettings
  let passed: PassedSockets
  let logger: Logger

  /// Whether clients come within TLS.
  var areSecure: Bool { settings.secureListen != nil || !passedSockets(Self.secureName).isEmpty }

  func open(secure: SecureContext?) throws -> [Door] {
    try checkProxies()
    let plain = Wrapping(secure: nil, requiresProxyHeader: settings.requiresProxyHeader)
    let wrapped = Wrapping(secure: secure, requiresProxyHeader: settings.secureRequiresProxyHeader)
    let status = Wrapping(secure: nil, requiresProxyHeader: false, isForStatus: true)
    let plainPassed = passedSockets(nil)
    let securePassed = passedSockets(Self.secureName)
    let statusPassed = passedSockets(Self.statusName)
    // The process that passes sockets has said where clients are accepted.
    return try (plainPassed.isEmpty ? doors("listen", settings.listen, plain) : doors(plainPassed, plain))
      + (securePassed.isEmpty
        ? doors("https.listen", settings.secureListen ?? [], wrapped) : doors(securePassed, wrapped))
      + (statusPassed.isEmpty
        ? doors("status.listen", settings.statusListen ?? [], status) : doors(statusPassed, status))
  }

  /// Those of a name; nil for those of no name that means something.
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
        throw ConfigurationError(key, "needs proxy.trusted: a PROXY header is believed from nobody else")
      }
    }
  }

  private func doors(_ passed: [ListeningSocket], _ wrapping: Wrapping) -> [Door] {
    for socket in passed {
      logger.info(
        "clients are accepted from a socket that was passed", metadata: ["address": "\(socket.address)"])
    }
    return passed.map { Door(sockets: [$0], wrapping: wrapping) }
  }

  private func doors(_ key: String, _ listen: [ListenAddress], _ wrapping: Wrapping) throws -> [Door] {
    let addresses = try ConfigurationError.naming(key) { try listen.flatMap(SocketAddress.all) }
    return try addresses.map { address in
      if ListeningSocket.isInUse(address) {
        logger.notice(
          "somebody listens on the address already: clients are shared until it stops",
          metadata: ["address": "\(address)"])
      }
      // Shared even by one worker: a successor must be able to listen before this process stops.
      let first = try ListeningSocket(on: address, sharesPort: true)
      guard address.family != .unix else { return Door(sockets: [first], wrapping: wrapping) }
      // The first one's address, not the asked one: port 0 is chosen once.
      let others = try (1..<settings.workers).map { _ in
        try ListeningSocket(on: first.address, sharesPort: true)
      }
      return Door(sockets: [first] + others, wrapping: wrapping)
    }
  }
}
