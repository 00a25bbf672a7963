import Primitives
import Testing

@testable import Feeder

@Suite("Progress")
struct ProgressTests {
  @Test("reports the work since the last line")
  func lines() {
    var now = Instant(nanoseconds: 5_000_000_000)
    var progress = Progress(now: now)
    for _ in 0..<200 { progress.batchSucceeded(tweetCount: 64, roundTrip: .microseconds(400)) }
    progress.batchFailed()
    now = now.advanced(by: .seconds(2))
    #expect(progress.line(now: now) == "12,800 tweets · 6,400/s · Redis 0.4 ms (p99 0.4) · 1 error")
    progress.batchSucceeded(tweetCount: 1_000_000, roundTrip: .milliseconds(12))
    now = now.advanced(by: .seconds(1))
    #expect(progress.line(now: now) == "1,012,800 tweets · 1,000,000/s · Redis 12.0 ms (p99 12.0) · 1 error")
  }

  @Test("reports no work, even for no time")
  func nothing() {
    var progress = Progress(now: .origin)
    #expect(progress.line(now: .origin) == "0 tweets · 0/s · no answer from Redis · 0 errors")
  }
}
