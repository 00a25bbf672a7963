/// Events that a batch of seeds must contain: a simulation without them proves nothing.
enum Happening: CaseIterable {
  /// A fence found increments that a hub had missed.
  case repair
  /// Totals went backwards, and a new lineage began.
  case newLineage
  /// A fence found drift that was merely under way.
  case explainedDrift
  /// After an outage an edge recovered missed tweets.
  case tweetRepair
  /// An edge had no hub for so long that a client's response began without its stream.
  case admission
  /// A client resumed at its place.
  case resumption
  /// A client could not resume at its place.
  case reset
  /// An edge asked a hub about the past.
  case question
  /// A hub skipped frames for an edge that did not read.
  case skippedFrames
  /// A slow client received several events as one.
  case summedEvents
  /// A slow client missed events that fell out of the log.
  case skippedEvents
  /// A client was too far behind, and was disconnected.
  case lagged
  /// A draining edge released a client.
  case drained
  /// An edge with too many clients released one.
  case shed
  /// A page closed a stream of its own.
  case cleanup
  /// A client was rejected.
  case refusal
  /// A window of HTTP/2 opened for a stream.
  case windowOpened
  /// An edge reset a stream of HTTP/2 whose client was too slow.
  case resetStream
  /// A TLS handshake was complete.
  case handshake
  /// A handshake waited for others.
  case handshakeWait
  /// A client took too long for its handshake.
  case handshakeTimeout
  /// An edge released all clients and stopped.
  case stopped
}
