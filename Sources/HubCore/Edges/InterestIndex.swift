import PlantedFaults
import Wire

/// Why an edge's interest was refused.
package enum InterestError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The edge would be interested in more topics than allowed.
  case tooManyTopics(limit: Int)

  /// The reason in one sentence, for the log and the farewell.
  package var description: String {
    switch self {
    case .tooManyTopics(let limit): "An edge may be interested in \(limit) topics at most."
    }
  }
}

/// Which edges want which topics.
///
/// Finding the edges of a topic costs time for those edges only, however many others there are. Edges are small
/// numbers that the driver chooses, one for each link.
package struct InterestIndex: Sendable {
  /// The edges of each topic, in no order.
  private var edgesByTopic: [Topic: [Int]] = [:]
  /// For each edge its topics, and its index among the edges of each.
  private var placesByEdge: [Int: [Topic: Int]] = [:]
  private let topicsMaximum: Int

  /// An index without interest.
  ///
  /// - Parameter topicsMaximum: how many topics one edge may be interested in.
  package init(topicsMaximum: Int = RelayProtocol.maximumTopicsPerEdge) {
    self.topicsMaximum = topicsMaximum
  }

  /// The number of topics that an edge is interested in.
  package func count(of edge: Int) -> Int { placesByEdge[edge]?.count ?? 0 }

  /// The number of topics that at least one edge is interested in.
  package var topicCount: Int { edgesByTopic.count }

  /// The number of edges that want the details of an id by its name.
  var edgeCountOfDetails: Int {
    placesByEdge.values.count { topics in
      topics.keys.contains { if case .details = $0 { true } else { false } }
    }
  }

  /// The edges that want a topic itself.
  package func edges(of topic: Topic) -> [Int] { edgesByTopic[topic] ?? [] }

  /// Changes the interest of an edge. Adding a present topic, or removing an absent one, makes no difference.
  ///
  /// - Throws: if a limit is exceeded. Then the link must end, and ``remove(_:)`` follows.
  package mutating func apply(_ interest: Interest, of edge: Int) throws(InterestError) {
    switch interest.operation {
    case .replace:
      remove(edge)
      try add(interest.topics, to: edge)
    case .add: try add(interest.topics, to: edge)
    case .remove: for topic in interest.topics { remove(topic, from: edge) }
    }
  }

  /// Forgets an edge.
  package mutating func remove(_ edge: Int) {
    guard let places = placesByEdge[edge] else { return }
    for topic in places.keys { remove(topic, from: edge) }
    placesByEdge[edge] = nil
  }

  /// Calls the body once for each edge that wants an event from that source.
  ///
  /// An edge that wants the details of all ids gets an event once, even if it wants that id by name as well. Names
  /// are compared as a whole: an edge that wants `1F1` does not get `1F1EF`.
  package func forEachEdge(wanting source: TopicEvent.Source, _ body: (Int) -> Void) {
    switch source {
    case .interaction:
      edgesByTopic[.interaction]?.forEach(body)
    case .details(let id):
      let topic = Topic.details(id)
      edgesByTopic[topic]?.forEach(body)
      for edge in edgesByTopic[.allDetails] ?? [] where placesByEdge[edge]?[topic] == nil { body(edge) }
    }
  }

  private mutating func add(_ topics: [Topic], to edge: Int) throws(InterestError) {
    for topic in topics where placesByEdge[edge]?[topic] == nil {
      guard count(of: edge) < topicsMaximum else { throw .tooManyTopics(limit: topicsMaximum) }
      placesByEdge[edge, default: [:]][topic] = edgesByTopic[topic]?.count ?? 0
      edgesByTopic[topic, default: []].append(edge)
    }
  }

  /// The last edge of the topic moves to the free index.
  private mutating func remove(_ topic: Topic, from edge: Int) {
    guard let place = placesByEdge[edge]?.removeValue(forKey: topic) else { return }
    guard let last = edgesByTopic[topic]?.popLast() else { return }
    if last != edge && !planted(.interestMisplaced) {
      edgesByTopic[topic]?[place] = last
      placesByEdge[last]?[topic] = place
    }
    if edgesByTopic[topic]?.isEmpty == true { edgesByTopic[topic] = nil }
  }
}
