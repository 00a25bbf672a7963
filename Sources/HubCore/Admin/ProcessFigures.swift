import Primitives

/// What the hub's driver measures of its process.
package struct ProcessFigures: Sendable {
  /// Resident memory.
  package var memoryBytes: UInt64 = 0
  /// The CPU time of all threads.
  package var processorTime = Duration.zero
  /// The durations of the loop's turns.
  package var turns = DurationHistogram()
  /// The durations of ticks: packing changes, and queueing them for all edges.
  package var ticks = DurationHistogram()
  /// The number of log lines that were dropped, because standard error did not accept them.
  package var logLinesDropped: UInt64 = 0

  /// Figures before any measurement.
  package init() {}
}
