import EdgeCore
import Primitives
import Wire

/// Watches over all that is told in a world, and compares it with what truly happened.
final class Audit {
  /// What was seen of one life of an edge.
  private struct EdgeRecord {
    var lineage: Lineage?
    var position: Position = 0
    var tweets: [String: Int] = [:]
  }

  /// What a client is to be told: all that its worker was given since it came.
  private struct Expectation {
    let record: WorkerRecord
    let told: [ScoreID: UInt64]
    let itemCount: Int
  }

  let world: World
  private let redis: RedisModel
  /// Whether each increment and its message are one step, so that the order of messages is that of the totals.
  private let isAtomic: Bool
  private var edges: [String: EdgeRecord] = [:]
  /// The clients' expectations, by the number of their connection.
  private var expectations: [Int: Expectation] = [:]

  init(_ redis: RedisModel, isAtomic: Bool) {
    self.redis = redis
    self.isAtomic = isAtomic
    world = redis.world
  }

  // MARK: Edges

  func edgeBegan(_ name: String) {
    edges[name] = EdgeRecord()
  }

  /// An edge has merged what came: P1 for its totals, P2 for its tweets.
  func merged(_ updates: [StreamUpdate], _ mirror: ScoreMirror, by name: String) {
    guard var record = edges[name] else { return }
    var growth: [ScoreID: UInt64] = [:]
    for update in updates {
      for entry in update.entry.growth { growth[entry.id, default: 0] += entry.amount }
      if case .details(let id) = update.kind { checkTweet(update, of: "\(id)", in: &record, of: name) }
    }
    let from = record.position
    if mirror.lineage != record.lineage {
      world.note(name, "follows \(mirror.lineage?.description ?? "none") from \(mirror.position) on")
    } else if let lineage = mirror.lineage, from > 0 {
      check(growth, lineage, from..<max(from, mirror.position), who: name)
    }
    record.lineage = mirror.lineage
    record.position = mirror.position
    edges[name] = record
  }

  /// What was told must be exactly what happened between two positions, if there is only one truth about that.
  func check(_ growth: [ScoreID: UInt64], _ lineage: Lineage, _ range: Range<Position>, who: String) {
    guard let history = redis.histories[lineage], history.isCertain(at: range.lowerBound),
      history.isCertain(at: range.upperBound)
    else { return }
    let sum = growth.values.reduce(0, +)
    guard sum == UInt64(range.count) else {
      return world.violated(
        "P1", "\(who) told \(sum) increments from \(range.lowerBound) to \(range.upperBound) of \(lineage)")
    }
    guard isAtomic else { return }
    guard range.upperBound <= history.endPosition else {
      return world.violated(
        "P1", "\(who) is at \(range.upperBound) of \(lineage), Redis at \(history.endPosition)")
    }
    if history.growth(from: range.lowerBound, to: range.upperBound) != growth {
      world.violated(
        "P1", "\(who) told other ids from \(range.lowerBound) to \(range.upperBound) of \(lineage)")
    }
  }

  private func checkTweet(
    _ update: StreamUpdate, of topic: String, in record: inout EdgeRecord, of name: String
  ) {
    var reader = EventReader(hasHead: false)
    for event in reader.append(update.entry.bytes) {
      guard let number = tweetNumber(event.data) else {
        return world.violated("P2", "\(name) tells a tweet that is none: \(event.data)")
      }
      if let last = record.tweets[topic], last >= number {
        world.violated("P2", "\(name) tells tweet \(number) of \(topic) behind \(last)")
      }
      record.tweets[topic] = number
    }
  }

  // MARK: Clients

  /// A worker has let a client into a stream.
  func joined(_ connection: Int, _ kind: StreamKind, _ record: WorkerRecord, of edge: String) {
    expectations[connection] = Expectation(
      record: record, told: record.told, itemCount: record.items[kind]?.count ?? 0)
    world.note(edge, "lets connection \(connection) into \(kind.path)")
  }

  func record(of connection: Int) -> WorkerRecord? { expectations[connection]?.record }

  /// With which item of its stream a client began.
  func start(of connection: Int) -> Int? { expectations[connection]?.itemCount }

  /// By how much each id has grown for a client, if it has been told everything.
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
