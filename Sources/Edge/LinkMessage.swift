import EdgeCore
import Primitives

/// What the link's thread is told by the workers.
enum LinkMessage: Sendable {
  /// A client came to a stream of which the link must know (``EdgeCore/StreamKind/concernsLink``).
  case joined(StreamKind)
  /// A client left such a stream.
  case left(StreamKind)
  /// A client that has joined waits for its first bytes.
  case requested(OpeningClient, Subscription)
  /// A client that waited for its first bytes is gone.
  case withdrawn(OpeningClient)
  /// The parts that the link asked for are complete.
  case collected(Collection)
  /// A worker has no clients left, and takes none.
  case workerFinished
  /// The process was asked to read its files again.
  case reload
  /// The process was asked to stop.
  case stop
}
