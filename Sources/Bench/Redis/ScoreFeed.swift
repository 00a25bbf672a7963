import Primitives
import Reactor
import Redis
import Transport

/// The run's access to Redis: writes scores and probes, and reads the total of all scores.
final class ScoreFeed: RedisConnectionDelegate {
  /// Counts and publishes each id as one step, as the feeder does (without tweets).
  private static let writeScript = """
    for index = 2, #ARGV do
      redis.call('ZINCRBY', KEYS[1], 1, ARGV[index])
      redis.call('PUBLISH', ARGV[1], ARGV[index])
    end
    """
  private static let totalScript = """
    local total, scores = 0, redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
    for index = 2, #scores, 2 do total = total + scores[index] end
    return string.format('%.0f', total)
    """
  /// How many commands may be unanswered; beyond that, Redis does not keep up and scores are skipped.
  private static let windowMaximum = 64
  private static let batchMaximum = 1_000

  private enum Request {
    case login(String), write
    case total((UInt64) -> Void)
  }

  private let url: RedisURL
  private let loop: EventLoop
  private let failed: (String) -> Void
  private let topic: String?
  private var connection: RedisConnection?
  private var requests = RingBuffer<Request>()
  private var draw = ScoreDraw()
  private var scores = Pace(rate: 0, from: .origin)
  private var probes = Pace(rate: 0, from: .origin)
  private var isWriting = false
  private var probeCount = 0
  private var probesSentAt = [Instant](repeating: .origin, count: Probe.count)

  /// How many scores were written, including probes.
  private(set) var written: UInt64 = 0

  /// - Parameters:
  ///   - topic: the emoji whose tweets are streamed: probes are then sent as tweets of it, not as scores.
  ///   - failed: called when Redis refuses a command or disconnects; no further calls follow.
  init(_ url: RedisURL, topic: String?, loop: EventLoop, failed: @escaping (String) -> Void) throws {
    self.url = url
    self.loop = loop
    self.topic = topic
    self.failed = failed
    connection = RedisConnection(to: try RedisServer(url), on: try Network(on: loop), delegate: self)
    if let password = url.password { login(url.user.map { ["AUTH", $0, password] } ?? ["AUTH", password]) }
    if url.database != 0 { login(["SELECT", "\(url.database)"]) }
  }

  private func login(_ arguments: [String]) {
    send(arguments.map { Array($0.utf8) }, .login(arguments[0]))
  }

  private func send(_ arguments: [[UInt8]], _ request: Request) {
    requests.append(request)
    connection?.send(arguments)
  }

  /// Starts to write scores and probes at these rates.
  func start(rate: Int, probesPerSecond: Int) {
    scores = Pace(rate: rate, from: loop.now)
    probes = Pace(rate: probesPerSecond, from: loop.now)
    isWriting = true
    write()
  }

  /// Stops writing; scores written so far count.
  func stop() { isWriting = false }

  private func write() {
    guard isWriting else { return }
    while requests.count < Self.windowMaximum,
      case let count = scores.due(at: loop.now, limit: Self.batchMaximum),
      count > 0
    {
      writeScores((0..<count).map { _ in draw.next() })
    }
    if probes.due(at: loop.now) > 0 { sendProbe() }
    loop.schedule(at: loop.now.advanced(by: .milliseconds(1))) { [weak self] in self?.write() }
  }

  private func writeScores(_ ids: [[UInt8]]) {
    written += UInt64(ids.count)
    let head = ["EVAL", Self.writeScript, "1", "emojitrack_score", "stream.score_updates"]
    send(head.map { Array($0.utf8) } + ids, .write)
  }

  private func sendProbe() {
    let id = Array(Probe.id(probeCount % Probe.count).utf8)
    probesSentAt[probeCount % Probe.count] = MonotonicClock.now()
    probeCount += 1
    if let topic {
      send([Array("PUBLISH".utf8), Array("stream.tweet_updates.\(topic)".utf8), id], .write)
    } else {
      writeScores([id])
    }
  }

  /// When a probe was last sent.
  func sentAt(_ probe: Int) -> Instant { probesSentAt[probe] }

  /// Reads the total of all scores twice, a moment apart.
  ///
  /// - Parameter completion: receives the total; nil if it changed in between, because of another writer.
  func readQuietTotal(_ completion: @escaping (UInt64?) -> Void) {
    readTotal { [weak self] first in
      guard let self else { return }
      loop.schedule(at: loop.now.advanced(by: .milliseconds(300))) { [weak self] in
        self?.readTotal { completion($0 == first ? first : nil) }
      }
    }
  }

  private func readTotal(_ completion: @escaping (UInt64) -> Void) {
    send(["EVAL", Self.totalScript, "1", "emojitrack_score"].map { Array($0.utf8) }, .total(completion))
  }

  // MARK: Redis

  func redisConnectionOpened(_ connection: RedisConnection) {}

  func redisConnection(_ connection: RedisConnection, received value: RESPValue) {
    switch (requests.popFirst(), value) {
    case (.login(let name), .error(let message)): fail("\(name) was refused: \(message)")
    case (_, .error(let message)): fail(message)
    case (.total(let completion), .bulk(let digits?)):
      guard let total = UInt64(String(decoding: digits, as: UTF8.self)) else {
        return fail("a total is not a number")
      }
      completion(total)
    default: break
    }
  }

  func redisConnectionClosed(_ connection: RedisConnection, because reason: String) { fail(reason) }

  private func fail(_ reason: String) {
    isWriting = false
    connection?.close()
    failed("Redis: \(reason)")
  }
}
