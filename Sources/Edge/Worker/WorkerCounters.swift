import EdgeCore

/// What a worker has done and has at present, as plain numbers that add up over workers.
struct WorkerCounters: Sendable {
  var clientsRaw: UInt64 = 0
  var clientsEPS: UInt64 = 0
  var clientsDetails: UInt64 = 0
  var clientsAllDetails: UInt64 = 0
  var clientsInteraction: UInt64 = 0
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
  /// Clients that are to be let go, at present.
  var releasing: UInt64 = 0
  var closed: [CloseReason: UInt64] = [:]
  var delivery = DeliveryCounters()
  var bytesSent: UInt64 = 0
  /// How often the governor has halved the rate of `eps`, on the worker where it did most.
  var governorLevel: UInt64 = 0
  /// How often it did so since the start.
  var governorSteps: UInt64 = 0
  /// The longest turn since this was last asked.
  var longestTurnMicroseconds: UInt64 = 0

  var clients: UInt64 { clientsRaw + clientsEPS + clientsDetails + clientsAllDetails + clientsInteraction }
  var closedInAll: UInt64 { closed.values.reduce(0, +) }

  mutating func count(_ number: UInt64, of kind: StreamKind) {
    switch kind {
    case .raw, .identifiedRaw: clientsRaw += number
    case .eps, .identifiedEPS: clientsEPS += number
    case .details: clientsDetails += number
    case .allDetails: clientsAllDetails += number
    case .interaction: clientsInteraction += number
    }
  }

  mutating func add(_ other: WorkerCounters) {
    clientsRaw += other.clientsRaw
    clientsEPS += other.clientsEPS
    clientsDetails += other.clientsDetails
    clientsAllDetails += other.clientsAllDetails
    clientsInteraction += other.clientsInteraction
    connectionsOther += other.connectionsOther
    laggards += other.laggards
    accepted += other.accepted
    proxyHeadersRefused += other.proxyHeadersRefused
    handshakes += other.handshakes
    handshakesResumed += other.handshakesResumed
    handshakesFailed += other.handshakesFailed
    refused += other.refused
    released += other.released
    releasing += other.releasing
    closed.merge(other.closed, uniquingKeysWith: +)
    delivery.add(other.delivery)
    bytesSent += other.bytesSent
    governorLevel = max(governorLevel, other.governorLevel)
    governorSteps += other.governorSteps
    longestTurnMicroseconds = max(longestTurnMicroseconds, other.longestTurnMicroseconds)
  }
}
