import EdgeCore
import Primitives

/// A message to a worker, from the link's thread or from another worker. Its contents are immutable.
enum WorkerMessage: Sendable {
  /// New entries of streams, in order, and when the hub flushed the oldest of the scores among them.
  case updates([StreamUpdate], hubFlushedAt: Instant?)
  /// The first bytes for clients that wait for them, to be followed by the next updates; nil if there is no room.
  case opened([OpeningClient], SharedBytes?)
  /// Clients that wait for the first bytes of their streams get the head alone.
  case admitted([OpeningClient])
  /// The state of the links.
  case linkHealth(LinkHealth)
  /// Add your part. The worker that adds the last one hands the whole back.
  case contribute(to: WorkerSurvey)
  /// All workers have added their parts to a survey of this worker.
  case collected(WorkerSurvey)
  /// Release this number of clients over a window.
  case shed(Int, window: Duration)
  /// Close this part of the clients that lag, the slowest first.
  case closeSlowest(share: Double)
  /// A drain was announced. It has released no client yet.
  case announced
  /// Accept no new clients, and release all others over a window.
  case drain(window: Duration)
  /// Drain likewise, and report when it is done.
  case finish(window: Duration)
  /// Accept clients again.
  case resume
  /// Settings have changed.
  case configure(Worker.Configuration)
  /// Close all connections at once.
  case shutDown
}
