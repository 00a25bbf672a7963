import Primitives

/// The present interruption of one client.
struct Interruption: Equatable, Sendable {
  /// When the client last received bytes.
  let since: Instant
  /// How long the server told it to wait, in all.
  var told = Duration.zero
}

/// How long clients were without events because their streams had ended, and when they were back.
struct Interruptions: Equatable, Sendable {
  /// From the last bytes of a stream to the first event of the next one, in microseconds.
  private(set) var silence = Histogram()
  /// The part of it beyond the time that the server told the client to wait, in microseconds.
  private(set) var overdue = Histogram()
  /// How many clients were back in each second of the measurement.
  private(set) var returns: [Int] = []

  private static let secondsMaximum = 86_400

  /// A client is back.
  ///
  /// - Parameter second: the second of the measurement; nil outside of it.
  mutating func ended(_ interruption: Interruption, now: Instant, second: Int?) {
    let silent = interruption.since.duration(to: now)
    silence.record(Self.microseconds(silent))
    overdue.record(Self.microseconds(silent - interruption.told))
    guard let second, (0..<Self.secondsMaximum).contains(second) else { return }
    returns += Array(repeating: 0, count: max(0, second + 1 - returns.count))
    returns[second] += 1
  }

  /// How many clients were back in the busiest second, and in the mean of those from the first return to the last, in words.
  var pace: String {
    guard let first = returns.firstIndex(where: { $0 > 0 }), let peak = returns.max() else { return "none" }
    let mean = Double(returns.reduce(0, +)) / Double(returns.count - first)
    return
      "\(NumberText.grouped(peak)) in the busiest second, \(NumberText.decimal(Double(peak) / mean)) of the mean"
  }

  private static func microseconds(_ duration: Duration) -> UInt64 {
    UInt64(max(0, duration.wholeNanoseconds / 1000))
  }
}
