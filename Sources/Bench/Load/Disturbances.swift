import Primitives

/// The timing of the clients that disturb the others.
struct Disturbances: Equatable, Sendable {
  /// The disturbances that are due.
  struct Due: Equatable {
    /// How many clients vanish.
    var vanishing = 0
    /// How many clients connect; for each, the one that connected a second ago disconnects.
    var passing = 0
    /// Whether all storming clients leave and return.
    var storm = false
    /// How many bytes each slow client may read.
    var slowBytes = 0
  }

  private static let slowInterval = Duration.milliseconds(100)

  private var vanishing = Pace(rate: 0, from: .origin)
  private var passing = Pace(rate: 0, from: .origin)
  private var slow = Pace(rate: 0, from: .origin)
  private var stormAt: Instant?
  private var slowAt = Instant.origin

  /// No disturbances.
  init() {}

  /// The disturbances of a run whose measurement begins at a moment.
  init(_ options: LoadOptions, from start: Instant) {
    let rate = (options.counts.vanishing + options.seconds - 1) / max(1, options.seconds)
    vanishing = Pace(rate: rate, from: start)
    passing = Pace(rate: options.counts.passing, from: start)
    slow = Pace(rate: options.slowRate, from: start)
    stormAt = options.counts.storming > 0 ? start.advanced(by: .milliseconds(500 * options.seconds)) : nil
    slowAt = start
  }

  /// Takes the disturbances that are due now.
  mutating func due(at now: Instant) -> Due {
    var due = Due(vanishing: vanishing.due(at: now), passing: passing.due(at: now))
    if let stormAt, stormAt <= now {
      due.storm = true
      self.stormAt = nil
    }
    if slowAt.advanced(by: Self.slowInterval) <= now {
      slowAt = now
      due.slowBytes = slow.due(at: now)
    }
    return due
  }
}
