import Glibc
import Primitives
import Reactor
import Testing

@Suite("The clocks")
struct MonotonicClockTests {
  @Test("The monotonic clock never goes back")
  func monotonic() {
    var last = MonotonicClock.now()
    for _ in 0..<1_000 {
      let now = MonotonicClock.now()
      #expect(now >= last)
      last = now
    }
  }

  @Test("Wall time is that of the system, in its units")
  func wallTime() {
    let before = Int64(time(nil))
    let seconds = MonotonicClock.wallSeconds()
    let microseconds = MonotonicClock.wallMicroseconds()
    // time(2) may lag by a tick of the kernel's clock.
    #expect((before - 1...before + 60).contains(seconds))
    #expect(Int64(microseconds / 1_000_000) - seconds <= 60)
    #expect(Int64(microseconds / 1_000_000) >= seconds)
  }
}
