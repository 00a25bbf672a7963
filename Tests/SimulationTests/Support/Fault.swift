/// What can befall a world.
enum Fault: CaseIterable {
  /// The link of an edge to its hub breaks.
  case linkLoss
  /// Nothing gets through between a hub and an edge, in one direction or in both, for a while.
  case partition
  /// The same between a hub and Redis.
  case redisPartition
  /// `kill -9` of a hub; it is started again.
  case hubDeath
  /// `kill -9` of an edge; it is started again.
  case edgeDeath
  /// An edge lets its clients go and takes none, for a while.
  case drain
  /// An edge lets some of its clients go.
  case shed
  /// A page closes its own streams.
  case cleanup
  /// An edge has no room for another client, or for what streams begin with, for a while.
  case crowding
  /// `kill -9` of an edge that then reaches no hub for longer than a client waits in silence.
  case stranding
  /// Redis ends and comes back with its data.
  case redisRestart
  /// Redis ends and comes back with older data.
  case redisRollback
  /// Redis and all hubs end, and come back with older data: nobody is left who heard what was told, but edges and clients.
  case redisRestore
  /// Redis ends and comes back with nothing, and hubs may end with it.
  case redisEmptied
  /// `FLUSHALL`.
  case redisFlushed
  /// `CLIENT KILL`.
  case clientKill
  /// A subscriber keeps its connection and hears nothing any more.
  case silentSubscriber
}
