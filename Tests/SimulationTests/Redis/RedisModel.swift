import HubCore
import Primitives

/// A model that hubs cannot distinguish from Redis: it executes one command at a time, and answers each connection in
/// order. Published messages go to each subscriber in order, over another connection than the answers.
final class RedisModel {
  /// The persistent data.
  struct Data {
    var totals: [ScoreID: UInt64] = [:]
    var lineage: [UInt8]?
    var tweets: [[UInt8]: [[UInt8]]] = [:]

    var position: Position { totals.values.reduce(0, +) }
  }

  static let node = "redis"

  let world: World
  let names = FeedNames()
  private let ids: [ScoreID]
  private(set) var data = Data()
  /// The data saved for a rollback.
  private var saved: Data?
  private(set) var histories: [Lineage: History] = [:]
  /// How often it lost data: it was rolled back to an older state, or emptied.
  private(set) var losses = 0
  /// How often each id was counted, over all histories.
  private(set) var everCounted: [ScoreID: UInt64] = [:]
  /// The numbers of all tweets of each topic, in order.
  private(set) var tweetNumbers: [ScoreID: [Int]] = [:]
  private(set) var isUp = true
  var clients: [RedisClient] = []

  init(ids: [ScoreID], world: World) {
    self.ids = ids
    self.world = world
    for id in ids { data.totals[id] = UInt64.random(in: 1...20, using: &world.random) }
  }

  var acceptor: ((End<RedisCargo>) -> Void)? {
    guard isUp else { return nil }
    return { [weak self] end in
      guard let self else { return }
      clients.append(RedisClient(end, of: self))
    }
  }

  var lineage: Lineage? { data.lineage.flatMap { Lineage(String(decoding: $0, as: UTF8.self)) } }

  // MARK: Writers

  func count(_ id: ScoreID) {
    data.totals[id, default: 0] += 1
    everCounted[id, default: 0] += 1
    for lineage in histories.keys { histories[lineage]?.append(id) }
  }

  func publishIncrement(_ id: ScoreID) {
    publish(names.scoreUpdates, id.utf8)
  }

  func tweet(_ id: ScoreID, _ payload: [UInt8]) {
    if let number = tweetNumber(String(decoding: payload, as: UTF8.self)) {
      tweetNumbers[id, default: []].append(number)
    }
    let key = Array(names.tweetsPrefix.utf8) + id.utf8
    data.tweets[key] = [payload] + (data.tweets[key] ?? []).prefix(9)
    publish("\(names.tweetUpdatesPrefix)\(id)", payload)
  }

  func publish(_ channel: String, _ payload: [UInt8]) {
    for client in clients where client.isSubscribed(to: channel) {
      client.end.send(.message(channel: Array(channel.utf8), payload: payload))
    }
  }

  func setLineage(_ name: [UInt8]) {
    data.lineage = name
    guard let lineage else { return }
    histories[lineage] = History(base: data.totals)
    world.note("redis", "lineage \(lineage) begins at \(data.position)")
  }

  // MARK: Faults

  /// The server ends, with or without closing its connections, and keeps its data.
  func stop() {
    isUp = false
    for client in clients { client.end.vanish() }
    clients = []
    world.note("redis", "down at \(data.position)")
  }

  func start() {
    isUp = true
    world.note("redis", "up at \(data.position)")
  }

  func save() {
    saved = data
  }

  /// Restores the saved state, if it was saved since the present lineage began.
  func rollBack() {
    guard let saved, saved.lineage == data.lineage, let lineage, saved.position < data.position else {
      return
    }
    histories[lineage]?.rolledBack(to: saved.position)
    world.note("redis", "set back from \(data.position) to \(saved.position)")
    data = saved
    losses += 1
  }

  /// Deletes all data.
  func empty() {
    world.note("redis", "emptied at \(data.position)")
    if let lineage { histories[lineage]?.rolledBack(to: data.position) }
    data = Data()
    saved = nil
    losses += 1
  }

  /// `CLIENT KILL` for some clients.
  func killClients(percent: Int) {
    let killed = clients.filter { _ in world.chance(percent) }
    for client in killed { client.end.vanish() }
    clients.removeAll { client in killed.contains { $0 === client } }
    world.note("redis", "killed \(killed.count) connections")
  }

  /// A subscriber keeps its connection and receives nothing more, like one of a demoted master.
  func muteSubscriber() {
    guard let client = world.pick(clients.filter(\.isSubscriber)) else { return }
    client.isMuted = true
    world.note("redis", "a subscriber hears nothing any more")
  }
}
