import Primitives

/// Keeps one kind of trouble from filling the log: of each kind, the first few lines a minute are written, and the
/// rest is counted and told in one line.
///
/// A kind is named by a key that the caller makes, such as the reason of a refusal; no more than `keysMaximum` kinds
/// are told apart, and what is beyond shares one.
public struct LogLimiter: Sendable {
  /// What to do with a line.
  public enum Verdict: Equatable, Sendable {
    /// Write it.
    case write
    /// Write it, and say that so many like it were left out before.
    case writeAfter(suppressed: Int)
    /// Leave it out: it is counted.
    case suppress
  }

  /// Lines that were left out.
  public struct Summary: Equatable, Sendable {
    /// What they had in common.
    public let key: String
    /// How many there were.
    public let suppressed: Int
  }

  private struct Window {
    var end: Instant
    var written = 0
    var suppressed = 0
  }

  /// How many kinds are told apart.
  public static let keysMaximum = 256
  /// The kind of all lines beyond.
  public static let sharedKey = "other"

  private let linesMaximum: Int
  private let interval: Duration
  private var windows: [String: Window] = [:]

  /// - Parameters:
  ///   - linesMaximum: how many lines of a kind are written in an interval; at least 1.
  ///   - interval: how long they are counted from the first.
  public init(linesMaximum: Int = 10, interval: Duration = .seconds(60)) {
    precondition(linesMaximum > 0 && interval > .zero)
    self.linesMaximum = linesMaximum
    self.interval = interval
  }

  /// Decides about a line.
  public mutating func lineOccurred(_ key: String, now: Instant) -> Verdict {
    let isKnown = windows[key] != nil || windows.count < Self.keysMaximum
    let key = isKnown ? key : Self.sharedKey
    var window = windows[key] ?? Window(end: now.advanced(by: interval))
    defer { windows[key] = window }
    if now >= window.end {
      let suppressed = window.suppressed
      window = Window(end: now.advanced(by: interval), written: 1)
      return suppressed > 0 ? .writeAfter(suppressed: suppressed) : .write
    }
    guard window.written < linesMaximum else {
      window.suppressed += 1
      return .suppress
    }
    window.written += 1
    return .write
  }

  /// Decides about a line and has it written or not.
  ///
  /// - Parameter write: writes the line, with a suffix that says how many like it were left out; empty if none were.
  public mutating func log(_ key: String, at now: Instant, _ write: (_ suffix: String) -> Void) {
    switch lineOccurred(key, now: now) {
    case .write: write("")
    case .writeAfter(let suppressed): write(" (\(suppressed) more like it were left out)")
    case .suppress: break
    }
  }

  /// What was left out in the intervals that have ended, sorted by key; to be asked about once a minute, since a
  /// trouble that ended brings no further line that could tell it.
  public mutating func timerTriggered(now: Instant) -> [Summary] {
    let ended = windows.filter { $0.value.end <= now }
    for key in ended.keys { windows[key] = nil }
    return ended.filter { $0.value.suppressed > 0 }.sorted { $0.key < $1.key }
      .map { Summary(key: $0.key, suppressed: $0.value.suppressed) }
  }
}
