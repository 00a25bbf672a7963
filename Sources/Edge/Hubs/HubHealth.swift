/// The state of the link to one hub.
struct HubHealth: Sendable {
  /// Whether the hub has sent its welcome.
  var isLive = false
  /// Whether the hub's totals are those of Redis at present.
  var isFresh = false
  /// Whether the hub's lineage is the one that clients are sent.
  var isFollowed = false
  var framesReceived: UInt64 = 0
  var bytesReceived: UInt64 = 0
  /// The number of gaps that the hub reported.
  var gapsReceived: UInt64 = 0
  /// The number of raw and topic events that the hub reported as skipped for this edge.
  var skippedByHub: UInt64 = 0
  /// How often the link was established.
  var connections: UInt64 = 0
  var roundTripMicroseconds: UInt64 = 0
}
