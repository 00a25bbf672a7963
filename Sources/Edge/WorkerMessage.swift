import EdgeCore
import Primitives

/// What a worker is told by the link's thread or by another worker. Everything in it is immutable.
enum WorkerMessage: Sendable {
  /// New entries of streams, in order, and when the hub flushed the oldest of the scores among them.
  case updates([StreamUpdate], hubFlushedAt: Instant?)
  /// Clients that wait for it get these first bytes, and then the updates that follow; nil if there is no room.
  case opened([OpeningClient], SharedBytes?)
  /// Clients that wait for the first bytes of their streams get the head alone.
  case admitted([OpeningClient])
  /// How the link is doing.
  case linkHealth(LinkHealth)
  /// Add your part. The worker that adds the last one hands the whole back.
  case contribute(to: Collection)
  /// The parts that this worker asked for are complete.
  case collected(Collection)
  /// Let so many clients go over a window.
  case shed(Int, window: Duration)
  /// A drain begins with its announcement, and has let nobody go yet.
  case announced
  /// Take no new clients, and let all go over a window.
  case drain(window: Duration)
  /// The same, and say when it is done.
  case finish(window: Duration)
  /// Take clients again.
  case resume
  /// The operator changed something.
  case configure(Worker.Configuration)
  /// Close everything at once.
  case shutDown
}
