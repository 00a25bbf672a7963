public import Reactor
public import TLS

/// The peer of an outgoing connection.
public enum Endpoint: Equatable, Sendable, CustomStringConvertible {
  /// A host name or a numeric address, and a port.
  case tcp(host: String, port: UInt16)
  /// The path of a unix socket.
  case unix(path: String)

  /// `relay.example:8010`, `[::1]:8010` or `unix:/path`.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}

/// How the bytes of a connection are protected.
public enum Security {
  /// Not protected.
  case plain
  /// TLS, as the server.
  case tlsServer(TLSContext)
  /// TLS, as a client that expects a server of this name.
  case tlsClient(TLSContext, ServerName)
}

/// Why a connection ended, other than by its owner.
public enum DisconnectReason: Equatable, Sendable, CustomStringConvertible {
  /// The peer closed it in order.
  case peerClosed
  /// The peer's name could not be resolved.
  case unresolved(ResolutionError)
  /// None of the peer's addresses could be connected to.
  case unreachable(UnreachablePeer)
  /// A system call failed.
  case system(SystemError)
  /// TLS failed, with the reason.
  case tls(TLSFailure)
  /// It was not open, or not finished, within its limit.
  case timedOut

  /// A clause for a log line.
  public var description: String {
    switch self {
    case .peerClosed: "the peer closed the connection"
    case .unresolved(let error): "name not resolved\(error.isOverdue ? " in time" : ""): \(error)"
    case .unreachable(let peer): peer.description
    case .system(let error): error.description
    case .tls(let failure): failure.description
    case .timedOut: "not connected in time"
    }
  }
}

/// The failed attempts to connect to a peer.
public struct UnreachablePeer: Equatable, Sendable, CustomStringConvertible {
  /// A failed attempt.
  public struct Attempt: Equatable, Sendable {
    /// The address that was tried.
    public let address: SocketAddress
    /// Why it failed; nil if the address did not answer in time.
    public let failure: SystemError?
  }

  /// The attempts that were made.
  public let attempts: [Attempt]
  /// How many addresses were not tried.
  public let untried: Int

  /// `no connection to 192.0.2.1:8010 (no answer), [2001:db8::1]:8010 (connect: Network is unreachable)`. The order
  /// does not depend on the name server's, so that repeated failures give the same log line.
  public var description: String {
    var parts = attempts.map { "\($0.address) (\($0.failure?.description ?? "no answer"))" }.sorted()
    if untried > 0 { parts.append("and \(untried) more that were not tried") }
    return "no connection to " + parts.joined(separator: ", ")
  }
}

/// The owner of a ``Connection``. All calls are made on the connection's loop.
public protocol ConnectionDelegate: AnyObject {
  /// The connection can be used; with TLS, the handshake is complete and the peer's certificate is known.
  func connectionOpened(_ connection: Connection)
  /// Bytes arrived. They are valid only during the call.
  func connection(_ connection: Connection, received bytes: Span<UInt8>)
  /// The kernel accepted some of the queued bytes; the backlog gives the rest.
  func connectionProgressed(_ connection: Connection)
  /// The connection ended, other than by its owner. No further calls follow.
  func connectionClosed(_ connection: Connection, because reason: DisconnectReason)
}
