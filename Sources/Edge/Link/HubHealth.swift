/// How the link to one hub is doing.
struct HubHealth: Sendable {
  /// Whether the hub has welcomed us.
  var isLive = false
  /// Whether its scores are those of Redis at present.
  var isFresh = false
  /// Whether its lineage is the one that clients are sent.
  var isFollowed = false
  var framesReceived: UInt64 = 0
  var bytesReceived: UInt64 = 0
  /// How many gaps it told of.
  var gapsReceived: UInt64 = 0
  /// How many raw and topic events it said it had to skip for this edge.
  var skippedByHub: UInt64 = 0
  /// How often the link came up.
  var connections: UInt64 = 0
  var roundTripMicroseconds: UInt64 = 0
}
