import EdgeCore
import Primitives

/// What a worker has done and has at present, as plain numbers that add up over workers.
struct WorkerCounters: Sendable {
  /// Clients that stream over plain connections.
  var plain = StreamClients()
  /// Clients that stream over TLS.
  var secure = StreamClients()
  /// Connections that do not stream: requests under way.
  var connectionsOther: UInt64 = 0
  var laggards: UInt64 = 0
  var accepted: UInt64 = 0
  var proxyHeadersRefused: UInt64 = 0
  var handshakes: UInt64 = 0
  var handshakesResumed: UInt64 = 0
  var handshakesFailed: UInt64 = 0
  var refused: UInt64 = 0
  /// Clients that were let go, and told when to come back.
  var released: UInt64 = 0
  /// Of those, the ones that went because of the drain or shed that was told last.
  var releasedOfLate: UInt64 = 0
  /// Clients that are to be let go, at present.
  var releasing: UInt64 = 0
  var closed: [CloseReason: UInt64] = [:]
  var delivery = DeliveryCounters()
  var bytesSent: UInt64 = 0
  var times = DeliveryTimes()
  /// How long the turns of the loop took.
  var turns = DurationHistogram()
  /// How often the governor has halved the rate of `eps`, on the worker where it did most.
  var governorLevel: UInt64 = 0
  /// How often it did so since the start.
  var governorSteps: UInt64 = 0
  /// How many clients the edge takes at the most.
  var clientsMaximum: UInt64 = 0
  /// Whether the edge has room for nobody, or had so a moment ago.
  var isFull = false
  /// How many descriptors are open in the fullest of the workers' tables, to each of which the limit applies; nil if the kernel
  /// does not say.
  var descriptorsOpen: UInt64?
  /// The longest turn since this was last asked.
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
