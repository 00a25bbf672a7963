import Logging
import Synchronization
import Testing

@testable import Service

@Suite struct ServiceLogHandlerTests {
  private final class Written: Sendable {
    let lines = Mutex<[String]>([])
  }

  private func logger(_ written: Written, level: Logger.Level = .info) -> Logger {
    Logger(label: "edge") { label in
      ServiceLogHandler(label: label, threshold: LogThreshold(level), style: .text(coloured: false)) { line in
        written.lines.withLock { $0.append(line) }
      }
    }
  }

  @Test("Each event is one write of one line, with the fields of the logger and of the event")
  func oneWrite() throws {
    let written = Written()
    var logger = logger(written)
    logger[metadataKey: "a"] = "1"
    logger[metadataKey: "b"] = "2"
    logger.info("hello", metadata: ["b": "3", "c": "4"])
    logger.debug("not heard")
    let lines = written.lines.withLock { $0 }
    #expect(lines.count == 1)
    #expect(try #require(lines.first).hasSuffix("Z info    hello a=1 b=3 c=4\n"))
  }

  @Test("The level decides what is logged")
  func level() {
    let written = Written()
    let logger = logger(written, level: .error)
    logger.warning("not heard")
    logger.critical("heard")
    #expect(written.lines.withLock { $0.count } == 1)
  }
}
