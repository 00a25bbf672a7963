import EdgeCore
import Primitives

/// A message from a worker to the link's thread.
enum LinkMessage: Sendable {
  /// A client joined a stream that the link must know of (``EdgeCore/StreamKind/concernsLink``).
  case joined(StreamKind)
  /// A client left such a stream.
  case left(StreamKind)
  /// A client that has joined waits for its first bytes.
  case requested(OpeningClient, Subscription)
  /// A client that waited for its first bytes is gone.
  case withdrawn(OpeningClient)
  /// All workers have added their parts to a survey of the link.
  case collected(WorkerSurvey)
  /// A worker has no clients left, and accepts none.
  case workerFinished
  /// The process was asked to read its files again.
  case reload
  /// The process was asked to stop.
  case stop
}
