import Primitives
import Wire

/// The topics that the clients of all workers want; changes are sent to all hubs.
///
/// A topic is wanted from its first client on, and for a while after its last one has left, so that a client that
/// reconnects or reloads its page does not make the hub forget and learn again.
package struct TopicInterest: Sendable {
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
  ///   - linger: how long a topic without clients is still wanted.
  ///   - maximumCount: how many topics may be wanted at once; clients of further topics get no events.
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
    guard standings[topic] != nil || standings.count < maximumCount else { return }
    if standings[topic] == nil { added.append(topic) }
    standings[topic, default: Standing()].clients += 1
    standings[topic]?.idleSince = nil
  }

  /// A client of the topic left.
  package mutating func clientLeft(_ topic: Topic, at now: Instant) {
    guard var standing = standings[topic], standing.clients > 0 else { return }
    standing.clients -= 1
    if standing.clients == 0 { standing.idleSince = now }
    standings[topic] = standing
  }

  /// A hub sent its welcome: returns the complete interest.
  package mutating func linkOpened() -> [Interest] {
    isConnected = true
    added = []
    return Interest.parts(.replace, Array(standings.keys))
  }

  /// All links are lost: no hub knows of any topic.
  package mutating func linkClosed() {
    isConnected = false
  }

  /// Takes out the topics that are new since the last call, to be sent to all hubs.
  package mutating func takeAdded() -> [Interest] {
    defer { added = [] }
    return isConnected && !added.isEmpty ? Interest.parts(.add, added) : []
  }

  /// Takes out the topics that are no longer wanted, because they lingered long enough. To be called about every
  /// second.
  package mutating func takeExpired(at now: Instant) -> [Interest] {
    let expired = standings.filter { $0.value.idleSince.map { $0.advanced(by: linger) <= now } ?? false }.map(
      \.key)
    for topic in expired { standings[topic] = nil }
    return isConnected && !expired.isEmpty ? Interest.parts(.remove, expired) : []
  }
}
