/// The faults of a world.
enum Fault: CaseIterable {
  /// The link of an edge to its hub breaks.
  case linkLoss
  /// Nothing passes between a hub and an edge, in one direction or in both, for a while.
  case partition
  /// Nothing passes between a hub and Redis likewise.
  case redisPartition
  /// `kill -9` of a hub; it is started again.
  case hubDeath
  /// `kill -9` of an edge; it is started again.
  case edgeDeath
  /// An edge releases its clients and accepts none, for a while.
  case drain
  /// An edge releases its clients and stops; it is started again.
  case stop
  /// Many clients begin a TLS handshake at once.
  case handshakes
  /// An edge releases some of its clients.
  case shed
  /// A page closes its own streams.
  case cleanup
  /// An edge has no room for another client, or for what streams begin with, for a while.
  case crowding
  /// `kill -9` of an edge that then reaches no hub for longer than a client's connection stays silent.
  case stranding
  /// Redis restarts with its data.
  case redisRestart
  /// Redis restarts with older data.
  case redisRollback
  /// Redis and all hubs end, and restart with older data: only edges and clients remember what was sent.
  case redisRestore
  /// Redis restarts without data, and hubs may restart with it.
  case redisEmptied
  /// `FLUSHALL`.
  case redisFlushed
  /// `CLIENT KILL`.
  case clientKill
  /// A subscriber keeps its connection and receives nothing more.
  case silentSubscriber
}
