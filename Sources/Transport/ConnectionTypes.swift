public import Reactor
public import TLS

/// Whom to connect to.
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
  /// Not at all.
  case plain
  /// By TLS, as the server.
  case tlsServer(TLSContext)
  /// By TLS, as a client that expects a server of that name.
  case tlsClient(TLSContext, ServerName)
}

/// Why a connection ended that we did not end ourselves.
public enum DisconnectReason: Equatable, Sendable, CustomStringConvertible {
  /// The peer ended it in order.
  case peerClosed
  /// The peer's name was not resolved.
  case unresolved(ResolutionError)
  /// Of the peer's addresses, none could be connected to.
  case unreachable(UnreachablePeer)
  /// A system call failed.
  case system(SystemError)
  /// TLS failed, with the reason.
  case tls(TLSFailure)
  /// It was not open, or not finished, within the time allowed.
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

/// What came of each address of a peer to which there is no connection.
public struct UnreachablePeer: Equatable, Sendable, CustomStringConvertible {
  /// An address that was tried.
  public struct Attempt: Equatable, Sendable {
    /// Which one.
    public let address: SocketAddress
    /// Why it can not be connected to; nil if it did not answer in time.
    public let failure: SystemError?
  }

  /// Those that were tried.
  public let attempts: [Attempt]
  /// How many more there were.
  public let untried: Int

  /// `no connection to 192.0.2.1:8010 (no answer), [2001:db8::1]:8010 (connect: Network is unreachable)`, in an order that
  /// does not depend on the name server's: what stays the same is logged as the same.
  public var description: String {
    var parts = attempts.map { "\($0.address) (\($0.failure?.description ?? "no answer"))" }.sorted()
    if untried > 0 { parts.append("and \(untried) more that were not tried") }
    return "no connection to " + parts.joined(separator: ", ")
  }
}

/// Who owns a ``Connection`` and is told what happens to it, on the connection's loop.
public protocol ConnectionDelegate: AnyObject {
  /// The connection can be used; for TLS, the handshake is complete and the peer's certificate is known.
  func connectionOpened(_ connection: Connection)
  /// Bytes came. They are valid during the call only.
  func connection(_ connection: Connection, received bytes: Span<UInt8>)
  /// Some of what was queued has been handed to the kernel; the backlog says how much is left.
  func connectionProgressed(_ connection: Connection)
  /// The connection has ended, not by our doing. Nothing follows.
  func connectionClosed(_ connection: Connection, because reason: DisconnectReason)
}
