import EdgeCore
import Primitives

/// A message from the link's thread to a worker.
enum SimulatedWorkerMessage {
  case updates([StreamUpdate])
  case opened([OpeningClient], SharedBytes?)
  case admitted([OpeningClient])
  case shed(Int, window: Duration)
  case drain(window: Duration)
  case finish(window: Duration)
  case resume
  /// Close these streams, and add their number. The worker that adds last returns the sum.
  case close(Closing)
  /// The sum is complete.
  case closed(Closing)
}
