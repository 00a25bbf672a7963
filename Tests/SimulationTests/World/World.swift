import Primitives

/// What went wrong in a run.
struct Violation: Error, CustomStringConvertible {
  /// The promise that was broken, in a word.
  let promise: String
  let text: String
  let seed: UInt64
  let step: Int
  /// Virtual time since the beginning.
  let time: Duration
  /// What happened last.
  let trace: [String]

  var description: String {
    """
    seed \(seed), step \(step), after \(time): \(promise): \(text)
    The last that happened:
      \(trace.joined(separator: "\n  "))
    Alone: make simulate SEED=\(seed)
    """
  }
}

/// What all parts of one simulated world share: its clock, its one source of chance, its trace, and its verdict.
final class World {
  private static let traceMaximum = 40

  let seed: UInt64
  let scheduler = Scheduler()
  var random: SplitMix64
  private var trace = RingBuffer<String>(minimumCapacity: traceMaximum)
  /// The first thing that went wrong.
  private(set) var violation: Violation?

  private let start: Instant

  init(seed: UInt64) {
    self.seed = seed
    random = SplitMix64(seed: seed)
    start = scheduler.now
  }

  var now: Instant { scheduler.now }
  /// Virtual time since the beginning.
  var elapsed: Duration { start.duration(to: now) }

  /// Writes a line that a failure shows.
  func note(_ who: String, _ what: @autoclosure () -> String) {
    if trace.count == Self.traceMaximum { trace.popFirst() }
    let milliseconds = elapsed.wholeMilliseconds
    trace.append("\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst()) \(who): \(what())")
  }

  /// A promise is broken. The first one counts.
  func violated(_ promise: String, _ text: String) {
    guard violation == nil else { return }
    violation = Violation(
      promise: promise, text: text, seed: seed, step: scheduler.step, time: elapsed,
      trace: (0..<trace.count).map { trace[$0] })
  }

  // MARK: Chance

  func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  func milliseconds(_ range: ClosedRange<Int>) -> Duration {
    .microseconds(Int.random(in: range.lowerBound * 1000...range.upperBound * 1000, using: &random))
  }

  func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &random) }
}
