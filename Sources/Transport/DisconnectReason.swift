import Reactor
import TLS

/// Why a connection ended, other than by its owner.
package enum DisconnectReason: Equatable, Sendable, CustomStringConvertible {
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
  /// It was not open yet, and gave way to a newer one.
  case displaced

  /// A clause for a log line.
  package var description: String {
    switch self {
    case .peerClosed: "the peer closed the connection"
    case .unresolved(let error): "name not resolved\(error.isOverdue ? " in time" : ""): \(error)"
    case .unreachable(let peer): peer.description
    case .system(let error): error.description
    case .tls(let failure): failure.description
    case .timedOut: "not connected in time"
    case .displaced: "too many connections that are not open yet"
    }
  }
}
