import Primitives
import Wire

/// The topics that the clients of all workers want; changes are sent to all hubs.
///
/// A topic is wanted from its first client on, and for a while after its last one has left, so that a client that
/// reconnects or reloads its page does not make the hub forget and learn again.
///
/// The number of topics is limited. Topics that only linger give way to others; a topic for which there is no room
/// waits until there is.
package struct TopicInterest: Sendable {
  private struct Standing {
    var clients = 0
    /// When the last client left; nil while there is one.
    var idleSince: Instant?
  }

  private let linger: Duration
  private let maximumCount: Int
  private var standings: [Topic: Standing] = [:]
  /// How many of them have no client.
  private var idleCount = 0
  /// The clients of topics for which there was no room.
  private var waiting: [Topic: Int] = [:]
  private var added: [Topic] = []
  /// The topics that gave way to others since the last call of ``takeAdded()``.
  private var displaced: Set<Topic> = []
  private var isConnected = false

  /// - Parameters:
  ///   - linger: how long a topic without clients is still wanted.
  ///   - maximumCount: how many topics may be wanted at once; clients of further topics get no events meanwhile.
  package init(linger: Duration, maximumCount: Int = RelayProtocol.maximumTopicsPerEdge) {
    self.linger = linger
    self.maximumCount = maximumCount
  }

  /// How many topics are wanted, including those that linger.
  package var count: Int { standings.count }

  /// The ids whose details have clients at present.
  package var detailsWithClients: [TopicID] {
    standings.compactMap { topic, standing in
      if case .details(let id) = topic, standing.clients > 0 { id } else { nil }
    }
  }

  /// A client subscribed to the topic.
  package mutating func clientJoined(_ topic: Topic) {
    guard standings[topic] != nil || hasRoom() else { return waiting[topic, default: 0] += 1 }
    add(1 + (waiting.removeValue(forKey: topic) ?? 0), to: topic)
  }

  private mutating func add(_ clients: Int, to topic: Topic) {
    if standings[topic] == nil { added.append(topic) }
    if standings[topic]?.idleSince != nil { idleCount -= 1 }
    standings[topic, default: Standing()].clients += clients
    standings[topic]?.idleSince = nil
  }

  /// Whether there is room for one more topic. All topics that only linger go at once, because looking for one of them
  /// costs as much as looking for all.
  private mutating func hasRoom() -> Bool {
    guard standings.count >= maximumCount else { return true }
    guard idleCount > 0 else { return false }
    displaced.formUnion(removeIdle { _ in true })
    return true
  }

  private mutating func removeIdle(where isOver: (Instant) -> Bool) -> [Topic] {
    let topics = standings.filter { $0.value.idleSince.map(isOver) ?? false }.map(\.key)
    for topic in topics { standings[topic] = nil }
    idleCount -= topics.count
    return topics
  }

  /// A client of the topic left.
  package mutating func clientLeft(_ topic: Topic, at now: Instant) {
    if let clients = waiting[topic] { return waiting[topic] = clients == 1 ? nil : clients - 1 }
    guard var standing = standings[topic], standing.clients > 0 else { return }
    standing.clients -= 1
    if standing.clients == 0 {
      standing.idleSince = now
      idleCount += 1
    }
    standings[topic] = standing
  }

  /// A hub sent its welcome: returns the complete interest.
  package mutating func linkOpened() -> [Interest] {
    isConnected = true
    added = []
    displaced = []
    return Interest.parts(.replace, Array(standings.keys))
  }

  /// All links are lost: no hub knows of any topic.
  package mutating func linkClosed() {
    isConnected = false
  }

  /// Takes out the topics that are new since the last call, to be sent to all hubs, behind those that gave way: a hub
  /// that held both for a moment would find too many.
  package mutating func takeAdded() -> [Interest] {
    defer {
      added = []
      displaced = []
    }
    guard isConnected else { return [] }
    return Self.parts(.remove, displaced.filter { standings[$0] == nil })
      + Self.parts(.add, added.filter { standings[$0] != nil })
  }

  /// Takes out the topics that are no longer wanted, because they lingered long enough. Those that waited for their room
  /// are added (``takeAdded()``). To be called about every second.
  package mutating func takeExpired(at now: Instant) -> [Interest] {
    let expired = removeIdle { [linger] in $0.advanced(by: linger) <= now }
    while standings.count < maximumCount, let (topic, clients) = waiting.first {
      waiting[topic] = nil
      add(clients, to: topic)
    }
    return isConnected ? Self.parts(.remove, expired) : []
  }

  private static func parts(_ operation: Interest.Operation, _ topics: [Topic]) -> [Interest] {
    topics.isEmpty ? [] : Interest.parts(operation, topics)
  }
}
