import Primitives
import TestSupport

/// A broken promise in a run.
struct Violation: Error, CustomStringConvertible {
  /// The promise, in a word.
  let promise: String
  let text: String
  let seed: UInt64
  let step: Int
  /// Virtual time since the beginning.
  let time: Duration
  /// The properties of the world.
  let scenario: String
  /// The last events.
  let trace: [String]

  var description: String {
    """
    seed \(seed), step \(step), after \(time): \(promise): \(text)
    \(scenario)
    The last that happened:
      \(trace.joined(separator: "\n  "))
    Alone: make simulate SEED=\(seed)
    """
  }
}

/// Shared by all parts of one simulated world: the clock, the only source of randomness, the trace, and the verdict.
final class World {
  let seed: UInt64
  let scheduler = Scheduler()
  /// The properties of the world in words, for a failure.
  var scenario = ""
  var random: SeededGenerator
  private let traceCount: Int
  private var trace = RingBuffer<String>()
  /// The first broken promise.
  private(set) var violation: Violation?

  /// How often notable events happened, to check that a batch of seeds contains them.
  private(set) var tally: [Happening: Int] = [:]
  private let start: Instant

  /// - Parameter traceCount: how many of the last lines a failure shows.
  init(seed: UInt64, traceCount: Int) {
    self.seed = seed
    self.traceCount = traceCount
    random = SeededGenerator(seed: seed)
    start = scheduler.now
  }

  var now: Instant { scheduler.now }
  /// Virtual time since the beginning.
  var elapsed: Duration { start.duration(to: now) }

  /// Adds a line to the trace.
  func note(_ who: String, _ what: @autoclosure () -> String) {
    if trace.count == traceCount { trace.popFirst() }
    let milliseconds = elapsed.wholeMilliseconds
    trace.append("\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst()) \(who): \(what())")
  }

  /// Counts a notable event.
  func happened(_ happening: Happening) {
    tally[happening, default: 0] += 1
  }

  /// Records a broken promise. Only the first one counts.
  func violated(_ promise: String, _ text: String) {
    guard violation == nil else { return }
    violation = Violation(
      promise: promise, text: text, seed: seed, step: scheduler.step, time: elapsed,
      scenario: scenario, trace: (0..<trace.count).map { trace[$0] })
  }

  // MARK: Chance

  func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  func milliseconds(_ range: ClosedRange<Int>) -> Duration {
    .microseconds(Int.random(in: range.lowerBound * 1000...range.upperBound * 1000, using: &random))
  }

  func pick<Element>(_ elements: [Element]) -> Element? { elements.randomElement(using: &random) }
}
