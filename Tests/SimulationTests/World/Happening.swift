/// What a batch of seeds must meet: a simulation in which nothing happens proves nothing.
enum Happening: CaseIterable {
  /// A fence found increments that a hub had missed.
  case repair
  /// Totals went backwards, and a new lineage began.
  case newLineage
  /// A fence found what was merely under way.
  case explainedDrift
  /// After an outage an edge was told which tweets it had missed.
  case tweetRepair
  /// An edge had no hub for so long that a client's response began without its stream.
  case admission
  /// A client came back and went on where it had been.
  case resumption
  /// A client could not go on where it had been.
  case reset
  /// An edge asked a hub about the past.
  case question
  /// A hub skipped frames for an edge that did not read.
  case skippedFrames
  /// A slow client was given several events as one.
  case summedEvents
  /// A slow client was not given events that fell out of the log.
  case skippedEvents
  /// A client was too far behind, and sent away.
  case lagged
  /// A client was let go by an edge that drained.
  case drained
  /// A client was let go by an edge that had too many.
  case shed
  /// A page closed a stream of its own.
  case cleanup
  /// A client was turned away.
  case refusal
}
