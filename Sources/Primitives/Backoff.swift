import PlantedFaults

/// The wait before the next attempt: doubling, up to a maximum, with jitter above a floor.
///
/// Each delay is drawn evenly between half of the current step and the whole of it, so that many peers that lost the
/// same server do not come back in one wave.
package struct Backoff: Equatable, Sendable {
  private let minimum: Duration
  private let maximum: Duration
  private var step: Duration

  /// - Parameters:
  ///   - minimum: the first step; more than zero.
  ///   - maximum: the greatest delay.
  package init(minimum: Duration, maximum: Duration) {
    precondition(minimum > .zero && maximum >= minimum)
    self.minimum = minimum
    self.maximum = maximum
    step = minimum
  }

  /// The next delay.
  package mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
    let half = step.wholeNanoseconds / 2
    let delay = half + Int64.random(in: 0...half, using: &random)
    step = planted(.backoffSkipped) ? step : min(step * 2, maximum)
    return .nanoseconds(delay)
  }

  /// Starts over from the minimum, after a successful attempt.
  package mutating func reset() {
    step = minimum
  }
}
