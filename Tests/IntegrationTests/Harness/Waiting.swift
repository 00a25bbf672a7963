import Glibc
import Primitives
import Reactor

/// Something did not happen in time.
struct TimedOut: Error, CustomStringConvertible {
  let description: String
}

/// Checks a condition until it is true: soon at first, then every 10 ms.
///
/// - Parameters:
///   - what: what is expected, for the message of the error.
///   - limit: how long it may take.
/// - Throws: ``TimedOut`` if it takes longer.
func wait(for what: String, within limit: Duration = .seconds(15), until condition: () throws -> Bool) throws
{
  let deadline = MonotonicClock.now().advanced(by: limit)
  var pause = Duration.milliseconds(1)
  while try !condition() {
    guard MonotonicClock.now() < deadline else { throw TimedOut(description: "\(what): not within \(limit)") }
    letPass(pause)
    pause = min(pause * 2, .milliseconds(10))
  }
}

/// Waits for a value until it is not nil.
func wait<Value>(
  for what: String, within limit: Duration = .seconds(15), some value: () throws -> Value?
) throws -> Value {
  var found: Value?
  try wait(for: what, within: limit) {
    found = try value()
    return found != nil
  }
  guard let found else { throw TimedOut(description: what) }
  return found
}

/// Lets time pass while other work continues. It is for behaviour that depends on time, never for readiness.
func letPass(_ duration: Duration) {
  usleep(UInt32(clamping: duration.wholeNanoseconds / 1_000))
}
