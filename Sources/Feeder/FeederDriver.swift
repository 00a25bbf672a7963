import Logging
import Primitives
import Reactor
import Redis
import Service
import Transport

/// Writes tweets into Redis at the requested rate, over one connection, a few batches ahead of its answers.
final class FeederDriver: RedisConnectionDelegate {
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
  private var random = SystemRandomNumberGenerator()

  private var connection: RedisConnection?
  /// The unanswered commands of the login; nil if no connection is open.
  private var logins: RingBuffer<String>?
  private var window = BatchWindow()
  private var refusalLog = LogLimiter()
  /// True while Redis accepts no tweets, and that has been logged.
  private var isRefused = false
  private var timer: Deadline?
  private var written: UInt64 = 0
  /// Called once, when the requested number of tweets is in Redis, or an error makes continuing pointless.
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

  /// The progress since the last line, and in all.
  func progressLine() -> String { progress.line(now: loop.now) }

  private func connect() {
    connection = RedisConnection(to: server, on: network, delegate: self)
  }

  // MARK: Writing

  private var isReady: Bool { logins?.isEmpty ?? false }

  /// Sends the tweets that are due, as far as Redis keeps up.
  private func write() {
    guard isReady else { return }
    if let until = window.pausedUntil, until > loop.now {
      timer?.set(until)
      return
    }
    if window.wantsConnection(at: loop.now) { return reconnect() }
    while window.admitsBatch(at: loop.now) {
      if let refused = window.takeRefused() {
        send(refused)
        continue
      }
      let count = pacer.due(now: loop.now, limit: min(settings.batch, remaining))
      guard count > 0 else { break }
      send((0..<count).map { _ in generator.next(second: MonotonicClock.wallSeconds()) })
      written += UInt64(count)
    }
    timer?.set(remaining > 0 && window.admitsBatch(at: loop.now) ? max(pacer.nextDue, soon) : nil)
  }

  /// At least a millisecond from now: at high rates all tweets due until then go out together.
  private var soon: Instant { loop.now.advanced(by: .milliseconds(1)) }

  private var remaining: Int {
    settings.count == 0 ? .max : Int(clamping: settings.count - min(settings.count, written))
  }

  private func send(_ batch: [FeedItem]) {
    connection?.send(script.command(for: batch, form: form))
    form = .digest
    window.batchSent(batch, now: loop.now)
  }

  // MARK: Answers

  func redisConnection(_ connection: RedisConnection, received value: RESPValue) {
    if let login = logins?.popFirst() { return loginAnswered(login, value) }
    switch value {
    case .error(let message):
      perform(window.batchRefused(RedisRefusal(message), now: loop.now, using: &random))
    default: perform(window.batchTaken(now: loop.now))
    }
    write()
  }

  private func perform(_ action: BatchWindow.Action) {
    switch action {
    case .none: break
    case .succeed(let tweetCount, let roundTrip):
      progress.batchSucceeded(tweetCount: tweetCount, roundTrip: roundTrip)
      if isRefused, window.pausedUntil == nil {
        isRefused = false
        logger.notice("Redis accepts tweets again")
      }
      finishIfDone()
    case .sendAgain(let batch):
      // Redis has lost the script (it was restarted, or flushed): this batch includes it.
      form = .source
      send(batch)
    case .pause(let refusal):
      progress.batchFailed()
      isRefused = true
      let delay = loop.now.duration(to: window.pausedUntil ?? loop.now)
      refusalLog.log("\(refusal.code)", at: loop.now) { suffix in
        logger.warning(
          "Redis accepts no tweets at present; trying again\(suffix)",
          metadata: ["reason": "\(refusal)", "retry_ms": "\(delay.wholeMilliseconds)"])
      }
    case .fail(let refusal):
      progress.batchFailed()
      fail("Redis refused to take a tweet: \(refusal)")
    }
  }

  private func finishIfDone() {
    if remaining == 0, window.isEmpty { finished(nil) }
  }

  private func fail(_ reason: String) {
    leave()
    finished(reason)
  }

  // MARK: The connection

  func redisConnectionOpened(_ connection: RedisConnection) {
    logins = RingBuffer()
    let url = settings.redisURL
    if let password = url.password {
      login(url.user.map { ["AUTH", $0, password] } ?? ["AUTH", password])
    }
    if url.database != 0 { login(["SELECT", "\(url.database)"]) }
    if isReady { begin() }
  }

  private func login(_ arguments: [String]) {
    connection?.send(arguments.map { Array($0.utf8) })
    logins?.append(arguments[0])
  }

  private func loginAnswered(_ name: String, _ value: RESPValue) {
    guard case .error(let message) = value else {
      if isReady { begin() }
      return
    }
    let refusal = RedisRefusal(message)
    guard refusal.kind != .lasting else { return fail("\(name) was refused: \(refusal)") }
    leave()
    connectionEnded("\(name) was refused: \(refusal)")
  }

  private func begin() {
    window.connectionOpened()
    form = .source
    pacer = Pacer(rate: settings.rate, now: loop.now)
    logger.info(
      "writing tweets", metadata: ["redis": "\(settings.redisURL)", "rate": "\(settings.rate)"])
    write()
  }

  private func reconnect() {
    leave()
    connect()
  }

  private func leave() {
    logins = nil
    connection?.close()
    connection = nil
  }

  func redisConnectionClosed(_ connection: RedisConnection, because reason: String) {
    connectionEnded(reason)
  }

  private func connectionEnded(_ reason: String) {
    logins = nil
    let (unansweredCount, delay) = window.connectionEnded(using: &random)
    if unansweredCount > 0 {
      progress.batchFailed()
      logger.warning(
        "the connection ended before Redis answered: these tweets may or may not be counted, and are not sent again",
        metadata: ["tweets": "\(unansweredCount)", "reason": "\(reason)"])
    }
    refusalLog.log("connection", at: loop.now) { suffix in
      logger.warning(
        "no connection to Redis; trying again\(suffix)",
        metadata: ["reason": "\(reason)", "retry_ms": "\(delay.wholeMilliseconds)"])
    }
    finishIfDone()
    loop.schedule(at: loop.now.advanced(by: delay)) { [weak self] in self?.connect() }
  }
}
