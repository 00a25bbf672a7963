import EdgeCore
import Primitives

/// What a worker is told by the link's thread.
enum SimulatedWorkerMessage {
  case updates([StreamUpdate])
  case opened([OpeningClient], SharedBytes?)
  case admitted([OpeningClient])
  case shed(Int, window: Duration)
  case drain(window: Duration)
  case resume
  /// Close these streams, and add how many they were; the worker that adds last hands the sum back.
  case close(Closing)
  /// The sum is complete.
  case closed(Closing)
}
