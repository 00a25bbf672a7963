import Primitives

/// How many clients are written to in one turn: as many as take about ``SlicePace/limit``, so that newcomers, requests and
/// the link's messages never wait longer for a flush.
package struct SlicePace: Sendable {
  /// About how long the writes of a turn may take.
  package static let limit = Duration.milliseconds(3)
  /// The number of clients in a turn that is never too many.
  static let countMinimum = 64
  private static let window = 8.0

  /// The moving average of the time for a client, in nanoseconds. At first it is that of a slow client, so that a flush
  /// of a new worker is cut rather than long.
  private var average = 20_000.0

  /// How many clients may be written to in one turn.
  var allowance: Int {
    max(Self.countMinimum, Int(Double(Self.limit.wholeNanoseconds) / max(average, 1)))
  }

  /// A slice was written.
  mutating func took(_ duration: Duration, clients: Int) {
    guard clients > 0 else { return }
    average += (Double(duration.wholeNanoseconds) / Double(clients) - average) / Self.window
  }
}
