import Logging
import Primitives
import Reactor
import Redis
import Service
import Transport

/// Writes tweets into Redis at the rate that was asked for, over one connection, a few batches ahead of its answers.
final class FeederDriver: RedisConnectionDelegate {
  /// How many batches may be without an answer.
  private static let windowMaximum = 8

  private enum Request {
    case login(String)
    case batch([FeedItem], sentAt: Instant)
  }

  private let settings: FeederSettings
  private let server: RedisServer
  private let network: Network
  private let logger: Logger
  private let loop: EventLoop
  private var generator: TweetGenerator
  private let script = FeedScript()
  private var form = FeedScript.Form.source
  private var pacer: Pacer
  private var progress: Progress
  private var backoff = Backoff(minimum: .milliseconds(50), maximum: .seconds(5))
  private var random = SystemRandomNumberGenerator()

  private var connection: RedisConnection?
  private var isReady = false
  private var requests = RingBuffer<Request>()
  private var timer: Deadline?
  private var written: UInt64 = 0
  /// Called once, when as many tweets are in Redis as were asked for, or an error makes going on pointless.
  private let finished: (_ failure: String?) -> Void

  init(
    settings: FeederSettings, server: RedisServer, loop: EventLoop, logger: Logger,
    finished: @escaping (_ failure: String?) -> Void
  ) throws {
    self.settings = settings
    self.server = server
    self.loop = loop
    self.logger = logger
    self.finished = finished
    network = try Network(on: loop)
    generator = TweetGenerator(exponent: settings.exponent, seed: settings.seed)
    pacer = Pacer(rate: settings.rate, now: loop.now)
    progress = Progress(now: loop.now)
    timer = Deadline(on: loop) { [weak self] in self?.write() }
    connect()
  }

  /// What was written since the last line, and in all.
  func progressLine() -> String { progress.line(now: loop.now) }

  private func connect() {
    connection = RedisConnection(to: server, on: network, delegate: self)
  }

  // MARK: Writing

  /// Sends what is due, as far as Redis keeps up.
  private func write() {
    guard isReady else { return }
    while requests.count < Self.windowMaximum {
      let count = pacer.due(now: loop.now, limit: min(settings.batch, remaining))
      guard count > 0 else { break }
      send((0..<count).map { _ in generator.next(second: MonotonicClock.wallSeconds()) })
      written += UInt64(count)
    }
    timer?.set(remaining > 0 && requests.count < Self.windowMaximum ? max(pacer.nextDue, soon) : nil)
  }

  /// Not sooner than in a millisecond: at high rates what comes due until then goes out together.
  private var soon: Instant { loop.now.advanced(by: .milliseconds(1)) }

  private var remaining: Int {
    settings.count == 0 ? .max : Int(clamping: settings.count - min(settings.count, written))
  }

  private func send(_ batch: [FeedItem]) {
    connection?.send(script.command(for: batch, form: form))
    form = .digest
    requests.append(.batch(batch, sentAt: loop.now))
  }

  // MARK: Redis

  func redisConnectionOpened(_ connection: RedisConnection) {
    let url = settings.redisURL
    if let password = url.password {
      login(url.user.map { ["AUTH", $0, password] } ?? ["AUTH", password])
    }
    if url.database != 0 { login(["SELECT", "\(url.database)"]) }
    backoff.reset()
    isReady = true
    form = .source
    pacer = Pacer(rate: settings.rate, now: loop.now)
    logger.info("writing tweets", metadata: ["redis": "\(url)", "rate": "\(settings.rate)"])
    write()
  }

  private func login(_ arguments: [String]) {
    connection?.send(arguments.map { Array($0.utf8) })
    requests.append(.login(arguments[0]))
  }

  func redisConnection(_ connection: RedisConnection, received value: RESPValue) {
    switch (requests.popFirst(), value) {
    case (.login(let name), .error(let message)): fail("\(name) was refused: \(message)")
    case (.batch(let batch, _), .error(let message)) where message.hasPrefix("NOSCRIPT"):
      // Redis has forgotten the script (it was restarted, or flushed): this batch brings it along.
      form = .source
      send(batch)
    case (.batch, .error(let message)):
      progress.batchFailed()
      fail("Redis refused to take a tweet: \(message)")
    case (.batch(let batch, let sentAt), _):
      progress.batchSucceeded(tweetCount: batch.count, roundTrip: sentAt.duration(to: loop.now))
      if remaining == 0, requests.isEmpty { finished(nil) }
    case (.login, _), (nil, _): break
    }
    write()
  }

  private func fail(_ reason: String) {
    isReady = false
    connection?.close()
    finished(reason)
  }

  func redisConnectionClosed(_ connection: RedisConnection, because reason: String) {
    isReady = false
    if !requests.isEmpty { progress.batchFailed() }
    requests.removeAll()
    let delay = backoff.next(using: &random)
    logger.warning(
      "no connection to Redis; trying again",
      metadata: ["reason": "\(reason)", "retry_ms": "\(delay.wholeMilliseconds)"])
    loop.schedule(at: loop.now.advanced(by: delay)) { [weak self] in self?.connect() }
  }
}
