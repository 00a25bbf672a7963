import EdgeCore
import Primitives

/// What a worker has done and holds at present, as plain numbers that add up over workers.
struct WorkerCounters: Sendable {
  /// Clients that stream over plain connections.
  var plain = StreamClients()
  /// Clients that stream over TLS.
  var secure = StreamClients()
  /// Connections that do not stream: they wait for a request, or for its answer.
  var connectionsOther: UInt64 = 0
  var laggards: UInt64 = 0
  var accepted: UInt64 = 0
  var proxyHeadersRefused: UInt64 = 0
  var handshakes: UInt64 = 0
  var handshakesResumed: UInt64 = 0
  var handshakesFailed: UInt64 = 0
  var refused: UInt64 = 0
  /// Clients that were released, and told when to reconnect.
  var released: UInt64 = 0
  /// The part of them that was released by the last drain or shed.
  var releasedOfLate: UInt64 = 0
  /// Clients that are still to be released.
  var releasing: UInt64 = 0
  var closed: [CloseReason: UInt64] = [:]
  var delivery = DeliveryCounters()
  var bytesSent: UInt64 = 0
  var times = DeliveryTimes()
  /// The durations of the loop's turns.
  var turns = DurationHistogram()
  /// How often the governor has halved the rate of `eps` at present, on the worker with the greatest number.
  var governorLevel: UInt64 = 0
  /// How often it halved the rate since the start.
  var governorSteps: UInt64 = 0
  /// The most clients of the edge.
  var clientsMaximum: UInt64 = 0
  /// Whether the edge is full, or was full a moment ago: see ``EdgeCore/ClientLedger/isFull``.
  var isFull = false
  /// The number of open descriptors in the fullest of the workers' tables, because the limit applies to each table;
  /// nil if the kernel does not report it.
  var descriptorsOpen: UInt64?
  /// The longest turn since the last report.
  var longestTurnMicroseconds: UInt64 = 0

  /// All streaming clients.
  var streaming: StreamClients {
    var all = plain
    all.add(secure)
    return all
  }
  var clients: UInt64 { plain.inAll + secure.inAll }
  var closedInAll: UInt64 { closed.values.reduce(0, +) }

  mutating func add(_ other: WorkerCounters) {
    plain.add(other.plain)
    secure.add(other.secure)
    connectionsOther += other.connectionsOther
    laggards += other.laggards
    accepted += other.accepted
    proxyHeadersRefused += other.proxyHeadersRefused
    handshakes += other.handshakes
    handshakesResumed += other.handshakesResumed
    handshakesFailed += other.handshakesFailed
    refused += other.refused
    released += other.released
    releasedOfLate += other.releasedOfLate
    releasing += other.releasing
    closed.merge(other.closed, uniquingKeysWith: +)
    delivery.add(other.delivery)
    bytesSent += other.bytesSent
    times.add(other.times)
    turns.add(other.turns)
    governorLevel = max(governorLevel, other.governorLevel)
    governorSteps += other.governorSteps
    clientsMaximum = max(clientsMaximum, other.clientsMaximum)
    isFull = isFull || other.isFull
    descriptorsOpen = [descriptorsOpen, other.descriptorsOpen].compactMap(\.self).max()
    longestTurnMicroseconds = max(longestTurnMicroseconds, other.longestTurnMicroseconds)
  }
}
