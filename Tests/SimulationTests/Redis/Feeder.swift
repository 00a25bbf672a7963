import Primitives

/// Writes counts and tweets, at a rate that changes constantly.
final class Feeder {
  /// How a feeder writes the total and the message.
  enum Form: CaseIterable {
    /// In one script.
    case atomic
    /// In two commands, the total first.
    case totalFirst
    /// In two commands, the message first.
    case messageFirst
    /// In any of these ways, at random.
    case mixed
  }

  private let world: World
  private let redis: RedisModel
  private let ids: [ScoreID]
  let form: Form
  private var rate = 20
  /// The greatest number of increments a second.
  var rateMaximum = 400
  var isRunning = true
  /// Whether it may be delayed for long between two commands.
  var isHeldUp = true
  private(set) var tweetCount = 0
  /// Increments between their two commands.
  private(set) var underWay = 0

  init(_ form: Form, ids: [ScoreID], redis: RedisModel) {
    self.form = form
    self.ids = ids
    self.redis = redis
    world = redis.world
    change()
    feed()
  }

  private func change() {
    rate = min(world.pick([0, 1, 10, 30, 30, 100, 400]) ?? 10, rateMaximum)
    world.scheduler.after(world.milliseconds(rate > 50 ? 50...400 : 300...2000)) { [weak self] in
      self?.change()
    }
  }

  private func feed() {
    if rate > 0, isRunning, redis.isUp { feedOne() }
    let interval = rate == 0 ? 100_000 : 2_000_000 / rate
    world.scheduler.after(.microseconds(Int.random(in: 1...interval, using: &world.random))) { [weak self] in
      self?.feed()
    }
  }

  private func feedOne() {
    // The first ids are much more frequent than the last.
    let bound = Int.random(in: 1...ids.count, using: &world.random)
    let id = ids[Int.random(in: 0..<bound, using: &world.random)]
    tweetCount += 1
    let payload = Array("{\"n\":\(tweetCount)}".utf8)
    switch form == .mixed ? world.pick([.atomic, .totalFirst, .messageFirst]) ?? .atomic : form {
    case .atomic, .mixed:
      redis.count(id)
      redis.publishIncrement(id)
      redis.tweet(id, payload)
    case .totalFirst:
      twice {
        $0.count(id)
      } then: {
        $0.publishIncrement(id)
      }
      redis.tweet(id, payload)
    case .messageFirst:
      twice {
        $0.publishIncrement(id)
      } then: {
        $0.count(id)
      }
      redis.tweet(id, payload)
    }
  }

  private func twice(_ first: (RedisModel) -> Void, then second: @escaping (RedisModel) -> Void) {
    first(redis)
    underWay += 1
    finish(second)
  }

  private func finish(_ second: @escaping (RedisModel) -> Void) {
    // Sometimes it is delayed in between, for longer than a hub takes to restart.
    world.scheduler.after(world.milliseconds(isHeldUp && world.chance(2) ? 100...4_000 : 0...4)) {
      [weak self] in
      guard let self else { return }
      // A feeder retries while its Redis is away.
      guard redis.isUp else { return finish(second) }
      second(redis)
      underWay -= 1
    }
  }
}
