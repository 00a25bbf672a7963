public import Primitives

/// What the hub's driver measures of its process.
public struct ProcessFigures: Sendable {
  /// Resident memory.
  public var memoryBytes: UInt64 = 0
  /// The CPU time of all threads.
  public var processorTime = Duration.zero
  /// The durations of the loop's turns.
  public var turns = DurationHistogram()
  /// The durations of ticks: packing changes, and queueing them for all edges.
  public var ticks = DurationHistogram()
  /// The number of log lines that were dropped, because standard error did not accept them.
  public var logLinesDropped: UInt64 = 0

  /// Figures before any measurement.
  public init() {}
}
