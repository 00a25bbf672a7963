import Primitives
import Reactor

/// A fault that occurs and is repaired repeatedly, at random moments.
struct FaultInjector {
  /// How long everything works, in milliseconds.
  let peace: ClosedRange<Int>
  /// How long the fault lasts, in milliseconds.
  var trouble = 0...0
  let begin: () throws -> Void
  var mend: () throws -> Void = {}

  /// Runs all faults for a while, independently of each other, and repairs everything at the end.
  static func run(
    _ mischiefs: [FaultInjector], for duration: Duration, using random: inout some RandomNumberGenerator
  ) throws {
    func moment(in range: ClosedRange<Int>) -> Instant {
      MonotonicClock.now().advanced(by: .milliseconds(Int.random(in: range, using: &random)))
    }
    let end = MonotonicClock.now().advanced(by: duration)
    var isBroken = mischiefs.map { _ in false }
    var due = mischiefs.map { moment(in: 0...$0.peace.upperBound) }
    while MonotonicClock.now() < end {
      for (index, mischief) in mischiefs.enumerated() where due[index] <= MonotonicClock.now() {
        try isBroken[index] ? mischief.mend() : mischief.begin()
        isBroken[index].toggle()
        due[index] = moment(in: isBroken[index] ? mischief.trouble : mischief.peace)
      }
      letPass(.milliseconds(5))
    }
    for index in mischiefs.indices where isBroken[index] { try mischiefs[index].mend() }
  }
}
