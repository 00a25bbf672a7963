import Glibc
import Logging
import Primitives
import Reactor
import Redis
import Service
import Transport

/// `emojitrack-feeder`: writes tweets into Redis until it has written enough, or is stopped.
@main
enum FeederProgram {
  static func main() {
    Program.run(FeederDeclaration.self, run)
  }

  private static func run(_ settings: FeederSettings, _ logger: Logger) throws {
    let server = try ConfigurationError.naming("redis.url") { try RedisServer(settings.redisURL) }
    let loop = try EventLoop()
    var failure: String?
    let driver = try FeederDriver(settings: settings, server: server, loop: loop, logger: logger) { reason in
      failure = reason
      loop.stop()
    }
    let signals = try Mailbox<ProcessSignal>()
    try loop.receive(from: signals) { received in
      if received.contains(where: { $0 != .hangUp }) { loop.stop() }
    }
    Signals.deliver { signals.post($0) }
    showProgress(of: driver, on: loop, logger)
    loop.run()
    let line = driver.progressLine()
    if StandardStream.errorIsTerminal { ServiceLog.show("\r\u{1b}[K") }
    logger.info("stopped", metadata: ["wrote": "\(line)"])
    if let failure { throw FeedFailure(description: failure) }
  }

  /// A line that is rewritten every second on a terminal, or a log line every ten seconds elsewhere.
  private static func showProgress(of driver: FeederDriver, on loop: EventLoop, _ logger: Logger) {
    let isTerminal = StandardStream.errorIsTerminal
    loop.schedule(at: loop.now.advanced(by: isTerminal ? .seconds(1) : .seconds(10))) {
      let line = driver.progressLine()
      if isTerminal {
        ServiceLog.show("\r\(line)\u{1b}[K")
      } else {
        logger.info("progress", metadata: ["wrote": "\(line)"])
      }
      showProgress(of: driver, on: loop, logger)
    }
  }
}

/// Why the feeder could not complete its task.
private struct FeedFailure: Error, CustomStringConvertible {
  let description: String
}
