import Primitives
import Reactor
import Synchronization
import TestSupport

/// Writes tweets at an even rate on a thread of its own, until it is stopped. If Redis goes away, it reconnects as
/// soon as Redis is back.
final class TweetFeed: Sendable {
  static let ids = [
    "1F4C2", "2665", "1F602", "1F1EF-1F1F5", "1F1EF", "1F1F5", "267B", "1F60D", "0023-20E3", "1F44D", "2764",
    "1F62D",
  ]

  /// How it writes a total and its message.
  enum Steps: Sendable {
    /// In one script.
    case one
    /// In two commands, with a moment in between.
    case totalFirst
    case messageFirst
    /// In each of these ways, at random.
    case mixed
  }

  private struct State {
    var isStopping = false
    var isStopped = false
    var isPausing = false
    var isPaused = false
    var sent: [String] = []
    var failures = 0
  }

  private let state = Mutex(State())

  /// - Parameters:
  ///   - rate: tweets a second.
  ///   - ids: the ids of the tweets; the first ones are more frequent than the last ones.
  ///   - steps: how they are written.
  init(
    _ address: SocketAddress, rate: Int = 300, ids: [String] = TweetFeed.ids, steps: Steps = .one
  ) throws {
    try LoopThread.start("test-feed") { [self] in run(address, rate, ids, steps) }
  }

  private func run(_ address: SocketAddress, _ rate: Int, _ ids: [String], _ steps: Steps) {
    var random = SeededGenerator(seed: 7)
    let start = MonotonicClock.now()
    var redis: RedisClient?
    var count = 0
    while !state.withLock({ $0.isStopping }) {
      let isPausing = state.withLock { state in
        state.isPaused = state.isPausing
        return state.isPausing
      }
      if isPausing {
        letPass(.milliseconds(3))
        continue
      }
      let due = Int(start.duration(to: MonotonicClock.now()).wholeMilliseconds) * rate / 1_000
      let batch = (count..<max(count, due)).map { _ in
        ids[min(Int.random(in: 0..<ids.count, using: &random), Int.random(in: 0..<ids.count, using: &random))]
      }
      count = max(count, due)
      do {
        let client = try redis ?? RedisClient(address)
        redis = client
        if !batch.isEmpty { try Self.write(batch, to: client, steps, &random) }
        state.withLock { $0.sent += batch }
      } catch {
        redis = nil
        state.withLock { $0.failures += 1 }
      }
      letPass(.milliseconds(3))
    }
    state.withLock { $0.isStopped = true }
  }

  private static func write(
    _ batch: [String], to redis: RedisClient, _ steps: Steps, _ random: inout SeededGenerator
  ) throws {
    let counts = batch.map { ["ZINCRBY", "emojitrack_score", "1", $0].map { Array($0.utf8) } }
    let messages = batch.map { ["PUBLISH", "stream.score_updates", $0].map { Array($0.utf8) } }
    func inTwo(_ first: [[[UInt8]]], _ second: [[[UInt8]]]) throws {
      _ = try redis.pipeline(first)
      letPass(
        .milliseconds(
          Int.random(in: 0..<200, using: &random) == 0 ? 150 : Int.random(in: 0...3, using: &random)))
      _ = try redis.pipeline(second)
    }
    switch steps == .mixed ? [.one, .totalFirst, .messageFirst].randomElement(using: &random) ?? .one : steps
    {
    case .one, .mixed: try redis.tweet(batch)
    case .totalFirst: try inTwo(counts, messages)
    case .messageFirst: try inTwo(messages, counts)
    }
  }

  /// The tweets that were written for certain, in order.
  var sent: [String] { state.withLock { $0.sent } }

  /// How often Redis was not available.
  var failures: Int { state.withLock { $0.failures } }

  /// Waits until it has written this number of further tweets.
  func waitForMore(_ count: Int) throws {
    let goal = sent.count + count
    try wait(for: "\(count) more tweets", within: .seconds(30)) { sent.count >= goal }
  }

  /// Pauses. Nothing is written until ``goOn()``; then the missed tweets are written at once.
  func pause() throws {
    state.withLock { $0.isPausing = true }
    try wait(for: "the feed to rest") { state.withLock { $0.isPaused } }
  }

  /// Ends a pause.
  func goOn() { state.withLock { $0.isPausing = false } }

  /// Stops. Afterwards nothing is written.
  func stop() throws {
    state.withLock { $0.isStopping = true }
    try wait(for: "the end of the feed") { state.withLock { $0.isStopped } }
  }
}
