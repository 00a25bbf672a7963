import Logging
import Synchronization
import Testing

@testable import Service

@Suite struct LogThresholdTests {
  @Test("a new level applies to all loggers at once")
  func shared() {
    let threshold = LogThreshold(.info)
    let count = Mutex(0)
    let loggers = (0..<2).map { index in
      Logger(label: "\(index)") { label in
        ServiceLogHandler(label: label, threshold: threshold, style: .json) { _ in count.withLock { $0 += 1 }
        }
      }
    }
    for logger in loggers { logger.debug("x") }
    #expect(count.withLock { $0 } == 0)
    threshold.level = .debug
    for logger in loggers { logger.debug("x") }
    #expect(count.withLock { $0 } == 2)
    threshold.level = .error
    for logger in loggers { logger.warning("x") }
    #expect(count.withLock { $0 } == 2)
  }
}
