import Primitives
import Testing

@Suite struct InstantTests {
  @Test("Moments move forwards and backwards, and durations between them are exact") func arithmetic() {
    let moment = Instant(nanoseconds: 5_000)
    #expect(moment.advanced(by: .microseconds(2)) == Instant(nanoseconds: 7_000))
    #expect(moment.advanced(by: .microseconds(-2)) == Instant(nanoseconds: 3_000))
    #expect(moment.duration(to: Instant(nanoseconds: 9_000)) == .nanoseconds(4_000))
    #expect(moment.duration(to: .origin) == .nanoseconds(-5_000))
    #expect(Instant.origin < moment && !(moment < moment))
  }

  @Test("Moments outside the clock are clamped to its ends") func clamping() {
    let last = Instant(nanoseconds: .max)
    #expect(Instant(nanoseconds: 10).advanced(by: .nanoseconds(-11)) == .origin)
    #expect(last.advanced(by: .nanoseconds(1)) == last)
    #expect(Instant.origin.advanced(by: .seconds(Int64.max)) == Instant(nanoseconds: UInt64(Int64.max)))
    #expect(last.advanced(by: .seconds(Int64.min)) == Instant(nanoseconds: UInt64(Int64.max)))
  }

  @Test("A moment that never comes is far ahead, not behind") func never() {
    let now = Instant(nanoseconds: 1_000_000_000)
    let never = Instant(nanoseconds: .max)
    #expect(now.duration(to: never) == .nanoseconds(Int64.max))
    #expect(never.duration(to: now) == .nanoseconds(-Int64.max))
  }

  @Test("Durations are counted in whole units, rounded towards zero and clamped to 64 bits") func wholeUnits()
  {
    #expect(Duration.seconds(2).wholeNanoseconds == 2_000_000_000)
    #expect((Duration.seconds(-1) + .nanoseconds(1)).wholeNanoseconds == -999_999_999)
    #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
    #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    #expect(Duration.nanoseconds(Int64.max).wholeNanoseconds == .max)
    #expect(Duration.microseconds(1_999).wholeMilliseconds == 1)
    #expect(Duration.microseconds(-1_999).wholeMilliseconds == -1)
  }
}
