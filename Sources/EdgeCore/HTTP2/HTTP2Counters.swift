/// Why a client was told to use another connection (`GOAWAY`). Metrics use the same word.
package enum GoAwayReason: String, Sendable, CaseIterable {
  /// The edge releases clients, so that they go elsewhere.
  case released
  /// The connection had no stream for a while.
  case idle
  /// The client broke a rule of the protocol.
  case violation
  /// The client was too slow with a request.
  case slow
  /// The client sent header fields beyond every limit.
  case fields
  /// The client caused more work than it took events.
  case flood
}

/// Counts of a worker's HTTP/2 connections.
package struct HTTP2Counters: Sendable {
  /// The connections at present.
  package var connections: UInt64 = 0
  /// The part of them that has a stream.
  package var connectionsWithStreams: UInt64 = 0
  /// Streams that clients opened.
  package var streamsOpened: UInt64 = 0
  /// Streams that clients reset.
  package var resetsReceived: UInt64 = 0
  /// Streams that the edge reset.
  package var resetsSent: UInt64 = 0
  /// Connections that clients were told to leave.
  package var goAways: [GoAwayReason: UInt64] = [:]

  /// All counts are zero.
  package init() {}

  /// Adds the counts of another worker.
  package mutating func add(_ other: HTTP2Counters) {
    connections += other.connections
    connectionsWithStreams += other.connectionsWithStreams
    streamsOpened += other.streamsOpened
    resetsReceived += other.resetsReceived
    resetsSent += other.resetsSent
    goAways.merge(other.goAways, uniquingKeysWith: +)
  }
}
