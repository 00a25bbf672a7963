import Primitives
import Testing

@testable import Service

@Suite struct LogLimiterTests {
  private func at(_ seconds: Int) -> Instant { Instant.origin.advanced(by: .seconds(seconds)) }

  @Test("The first lines of a kind are written, the rest of the minute is counted")
  func firstFew() {
    var limiter = LogLimiter(linesMaximum: 2)
    #expect(limiter.lineOccurred("a", now: at(0)) == .write)
    #expect(limiter.lineOccurred("a", now: at(1)) == .write)
    #expect(limiter.lineOccurred("a", now: at(2)) == .suppress)
    #expect(limiter.lineOccurred("b", now: at(2)) == .write)
    #expect(limiter.lineOccurred("a", now: at(59)) == .suppress)
    #expect(limiter.lineOccurred("a", now: at(60)) == .writeAfter(suppressed: 2))
    #expect(limiter.lineOccurred("a", now: at(61)) == .write)
    #expect(limiter.lineOccurred("a", now: at(62)) == .suppress)
  }

  @Test("Suppressed lines are reported once, when their minute has ended")
  func summary() {
    var limiter = LogLimiter(linesMaximum: 1)
    for key in ["b", "b", "b", "a", "a", "c"] { _ = limiter.lineOccurred(key, now: at(0)) }
    #expect(limiter.timerTriggered(now: at(59)) == [])
    #expect(
      limiter.timerTriggered(now: at(60)) == [.init(key: "a", suppressed: 1), .init(key: "b", suppressed: 2)])
    #expect(limiter.timerTriggered(now: at(61)) == [])
    #expect(limiter.lineOccurred("b", now: at(62)) == .write)
  }

  @Test("Kinds beyond the limit share one key, so that memory is bounded")
  func bounded() {
    var limiter = LogLimiter(linesMaximum: 1)
    for index in 0..<LogLimiter.keysMaximum {
      #expect(limiter.lineOccurred("\(index)", now: at(0)) == .write)
    }
    #expect(limiter.lineOccurred("new", now: at(0)) == .write)
    #expect(limiter.lineOccurred("newer", now: at(0)) == .suppress)
    #expect(limiter.lineOccurred("0", now: at(0)) == .suppress)
    #expect(limiter.timerTriggered(now: at(60)).contains(.init(key: LogLimiter.sharedKey, suppressed: 1)))
  }
}
