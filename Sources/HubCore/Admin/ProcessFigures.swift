public import Primitives

/// How the hub's process is doing: what its driver measures.
public struct ProcessFigures: Sendable {
  /// Resident memory.
  public var memoryBytes: UInt64 = 0
  /// CPU time that all threads have used.
  public var processorTime = Duration.zero
  /// How long the turns of the loop took.
  public var turns = DurationHistogram()
  /// How long a tick took: packing what came, and queueing it for all edges.
  public var ticks = DurationHistogram()
  /// How many log lines were dropped, because the standard error did not take them.
  public var logLinesDropped: UInt64 = 0

  /// Nothing was measured yet.
  public init() {}
}
