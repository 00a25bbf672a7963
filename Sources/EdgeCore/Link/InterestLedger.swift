public import Primitives
public import Wire

/// What the edge's clients want from the hubs, over all workers: told to all hubs as it changes.
///
/// A topic is wanted from its first client on, and for a while after its last one has left, so that a client that
/// reconnects, or reloads its page, does not make the hub forget and learn again.
public struct InterestLedger: Sendable {
  private struct Standing {
    var clients = 0
    /// When the last client left; nil while there is one.
    var idleSince: Instant?
  }

  private let linger: Duration
  private let maximumCount: Int
  private var standings: [Topic: Standing] = [:]
  private var added: [Topic] = []
  private var isConnected = false

  /// - Parameters:
  ///   - linger: for how long a topic without clients is still wanted.
  ///   - maximumCount: how many topics may be wanted at once; clients of what is beyond get no events.
  public init(linger: Duration, maximumCount: Int = RelayProtocol.maximumTopicsPerEdge) {
    self.linger = linger
    self.maximumCount = maximumCount
  }

  /// How many topics are wanted, those that linger included.
  public var count: Int { standings.count }

  /// The ids whose tweets have clients at present.
  public var detailsWithClients: [TopicID] {
    standings.compactMap { topic, standing in
      if case .details(let id) = topic, standing.clients > 0 { id } else { nil }
    }
  }

  /// A client of the topic came.
  public mutating func clientJoined(_ topic: Topic) {
    guard standings[topic] != nil || standings.count < maximumCount else { return }
    if standings[topic] == nil { added.append(topic) }
    standings[topic, default: Standing()].clients += 1
    standings[topic]?.idleSince = nil
  }

  /// A client of the topic left.
  public mutating func clientLeft(_ topic: Topic, at now: Instant) {
    guard var standing = standings[topic], standing.clients > 0 else { return }
    standing.clients -= 1
    if standing.clients == 0 { standing.idleSince = now }
    standings[topic] = standing
  }

  /// A hub welcomed us: what it must know is everything.
  public mutating func linkOpened() -> [Interest] {
    isConnected = true
    added = []
    return Interest.parts(.replace, Array(standings.keys))
  }

  /// All links are gone: no hub knows anything.
  public mutating func linkClosed() {
    isConnected = false
  }

  /// The topics that all hubs must hear of now, since they have clients.
  public mutating func takeAdded() -> [Interest] {
    defer { added = [] }
    return isConnected && !added.isEmpty ? Interest.parts(.add, added) : []
  }

  /// The topics that the hubs may forget, since their time to linger is over. To be asked every second or so.
  public mutating func takeExpired(at now: Instant) -> [Interest] {
    let expired = standings.filter { $0.value.idleSince.map { $0.advanced(by: linger) <= now } ?? false }.map(
      \.key)
    for topic in expired { standings[topic] = nil }
    return isConnected && !expired.isEmpty ? Interest.parts(.remove, expired) : []
  }
}
