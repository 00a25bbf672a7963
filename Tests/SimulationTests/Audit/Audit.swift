import EdgeCore
import Primitives
import Wire

/// Watches everything that is sent in a world, and compares it with what truly happened.
final class Audit {
  /// The record of one life of an edge.
  private struct EdgeRecord {
    var told: ResumeToken?
    var beginning: UInt64 = 0
    var tweets: [TopicID: Set<Int>] = [:]
  }

  /// What a client should receive: everything that its worker got since the client joined.
  private struct Expectation {
    let record: WorkerRecord
    let told: [ScoreID: UInt64]
    let itemCount: Int
  }

  let world: World
  private let redis: RedisModel
  /// Whether each increment and its message are one step, so that messages and totals have the same order. Otherwise
  /// hubs (and two lives of one hub) differ by the increments between two commands: only in the end must all agree.
  let isAtomic: Bool
  private let isCalm: Bool
  private let hubCount: Int
  private var edges: [String: EdgeRecord] = [:]
  /// The clients' expectations, by the number of their connection.
  private var expectations: [Int: Expectation] = [:]
  /// The connections of clients that will complete their handshakes, or have.
  private var promptHandshakes: Set<Int> = []
  /// The page of each connection, if it has one.
  private var pages: [Int: SimulatedPage] = [:]
  /// The streams of HTTP/2 whose clients are to go elsewhere.
  private var sentAway: Set<Int> = []

  init(_ redis: RedisModel, _ scenario: Scenario) {
    self.redis = redis
    isAtomic = scenario.feederForm == .atomic
    isCalm = scenario.isCalm
    hubCount = scenario.hubCount
    world = redis.world
  }

  // MARK: Edges

  func edgeBegan(_ name: String) {
    edges[name] = EdgeRecord()
  }

  /// An edge passes new updates to its workers: P1 for its totals.
  func merged(_ updates: [StreamUpdate], _ mirror: ScoreMirror, by name: String) {
    checkTweets(updates, by: name)
    guard let told = mirror.published else { return }
    let beginning = mirror.beginning.number
    if let last = edges[name]?.told, last.lineage == told.lineage, edges[name]?.beginning == beginning {
      var growth: [ScoreID: UInt64] = [:]
      for update in updates where !update.kind.isIdentified {
        for entry in update.entry.growth { growth[entry.id, default: 0] += entry.amount }
      }
      check(growth, told.lineage, last.position..<max(last.position, told.position), who: name)
    } else {
      world.note(name, "follows \(told.lineage) from \(told.position) on")
    }
    edges[name]?.told = told
    edges[name]?.beginning = beginning
  }

  /// Growth must be exactly what happened between two positions, if that is unambiguous.
  func check(_ growth: [ScoreID: UInt64], _ lineage: Lineage, _ range: Range<Position>, who: String) {
    guard let history = redis.histories[lineage], history.isCertain(at: range.lowerBound),
      history.isCertain(at: range.upperBound)
    else { return }
    let sum = growth.values.reduce(0, +)
    guard isAtomic else { return }
    guard sum == UInt64(range.count) else {
      return world.violated(
        "P1", "\(who) told \(sum) increments from \(range.lowerBound) to \(range.upperBound) of \(lineage)")
    }
    guard range.upperBound <= history.endPosition else {
      return world.violated(
        "P1", "\(who) is at \(range.upperBound) of \(lineage), Redis at \(history.endPosition)")
    }
    if history.growth(from: range.lowerBound, to: range.upperBound) != growth {
      world.violated(
        "P1", "\(who) told other ids from \(range.lowerBound) to \(range.upperBound) of \(lineage)")
    }
  }

  /// Totals must be exactly those at a place.
  func checkTotals(_ totals: [ScoreID: UInt64], at place: ResumeToken, who: String) {
    guard isAtomic, let history = redis.histories[place.lineage], history.isCertain(at: place.position) else {
      return
    }
    guard place.position <= history.endPosition, history.totals(at: place.position) == totals else {
      return world.violated("P1", "\(who) was given other totals than Redis had at \(place)")
    }
  }

  /// An id must be the one that reached a place.
  func check(_ text: String, at place: ResumeToken, who: String) {
    guard isAtomic, let history = redis.histories[place.lineage], history.isCertain(at: place.position) else {
      return
    }
    if history.id(at: place.position)?.utf8 != Array(text.utf8) {
      world.violated("P2", "\(who) was told \(text) at \(place)")
    }
  }

  // MARK: The world as a whole

  /// Whether the order of events is the same everywhere. If Redis was rolled back, a hub in doubt may send events
  /// after the beginning of a lineage that an edge did not get from another hub in the previous lineage.
  var isOrderCertain: Bool { isAtomic && (redis.losses == 0 || hubCount == 1) }

  /// Whether no fault occurred, and no link or client was so slow that something was skipped.
  var isFlawless: Bool {
    isCalm && isAtomic && world.tally[.skippedFrames] == nil && world.tally[.skippedEvents] == nil
  }

  /// Whether these are exactly the totals in Redis now.
  func isPresent(_ totals: [ScoreID: UInt64]) -> Bool {
    totals.filter { $0.value > 0 } == redis.data.totals.filter { $0.value > 0 }
  }

  /// The same for a position.
  func isPresent(_ position: Position, of lineage: Lineage?) -> Bool {
    lineage == redis.lineage && position == redis.data.position
  }

  /// How often Redis lost data.
  var losses: Int { redis.losses }

  /// The number of tweets of a topic that lie between two numbers.
  func tweets(of topic: String, between first: Int, and second: Int) -> Int {
    ((try? redis.tweetNumbers[ScoreID(topic)]) ?? []).count { first < $0 && $0 < second }
  }

  /// P2: tweets are in order, and never repeated.
  func checkTweets(_ updates: [StreamUpdate], by name: String) {
    for update in updates {
      guard case .details(let topic) = update.kind else { continue }
      var reader = EventReader(hasHead: false)
      for event in reader.append(update.entry.bytes) {
        guard let number = tweetNumber(event.data) else {
          return world.violated("P2", "\(name) tells a tweet that is none: \(event.data)")
        }
        let told = edges[name]?.tweets[topic] ?? []
        if told.contains(number), isAtomic {
          world.violated("P2", "\(name) tells tweet \(number) of \(topic) once more")
        }
        if let last = told.max(), last > number, isOrderCertain {
          world.violated("P2", "\(name) tells tweet \(number) of \(topic) behind \(last)")
        }
        edges[name]?.tweets[topic, default: []].insert(number)
      }
    }
  }

  // MARK: Handshakes

  /// A client has begun a handshake, and will do its part without a pause.
  func handshakeBegan(over connection: Int) { promptHandshakes.insert(connection) }

  /// The client stalls or leaves.
  func handshakeIsSlow(over connection: Int) { promptHandshakes.remove(connection) }

  /// An edge has ended a connection in its handshake.
  func handshakeFailed(over connection: Int, at edge: String) {
    if promptHandshakes.contains(connection) {
      world.violated("handshake", "\(edge) gives up a client that did its part, connection \(connection)")
    }
  }

  // MARK: Clients

  /// A worker has added a client to a stream.
  func joined(_ connection: Int, _ kind: StreamKind, _ record: WorkerRecord, of edge: String) {
    expectations[connection] = Expectation(
      record: record, told: record.told, itemCount: record.items[kind]?.count ?? 0)
    world.note(edge, "lets connection \(connection) into \(kind)")
  }

  /// A client of a page has connected.
  func connected(_ connection: Int, by page: SimulatedPage) { pages[connection] = page }

  /// An edge has released a client, which is to go elsewhere.
  func sendsAway(_ connection: Int) { sentAway.insert(connection) }

  func isSentAway(_ connection: Int) -> Bool { sentAway.contains(connection) }

  func page(of connection: Int) -> SimulatedPage? { pages[connection] }

  func record(of connection: Int) -> WorkerRecord? { expectations[connection]?.record }

  /// The index of the first item of a client's stream.
  func start(of connection: Int) -> Int? { expectations[connection]?.itemCount }

  /// The expected growth of each id for a client that has received everything.
  func expected(of connection: Int) -> [ScoreID: UInt64]? {
    guard let expectation = expectations[connection] else { return nil }
    var growth: [ScoreID: UInt64] = [:]
    for (id, told) in expectation.record.told {
      let amount = told - (expectation.told[id] ?? 0)
      if amount > 0 { growth[id] = amount }
    }
    return growth
  }

  func forget(_ connection: Int) {
    expectations[connection] = nil
  }
}

/// The number in `{"n":17}`.
func tweetNumber(_ text: String) -> Int? {
  text.hasPrefix("{\"n\":") ? Int(text.dropFirst(5).dropLast()) : nil
}
