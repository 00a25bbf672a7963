import Primitives

/// Keeps one kind of problem from filling the log: of each kind, the first few lines a minute are written, and the
/// rest is counted and reported in one line.
///
/// A kind is identified by a key of the caller, such as the reason of a refusal. At most `keysMaximum` kinds are
/// distinguished; further ones share one key.
package struct LogLimiter: Sendable {
  /// The decision about a line.
  package enum Verdict: Equatable, Sendable {
    /// Write it.
    case write
    /// Write it, and add how many similar lines were suppressed before.
    case writeAfter(suppressed: Int)
    /// Do not write it: it is counted.
    case suppress
  }

  /// A number of suppressed lines.
  package struct Summary: Equatable, Sendable {
    /// Their key.
    package let key: String
    /// How many there were.
    package let suppressed: Int
  }

  private struct Window {
    var end: Instant
    var written = 0
    var suppressed = 0
  }

  /// How many kinds are distinguished.
  package static let keysMaximum = 256
  /// The key of all further kinds.
  package static let sharedKey = "other"

  private let linesMaximum: Int
  private let interval: Duration
  private var windows: [String: Window] = [:]

  /// - Parameters:
  ///   - linesMaximum: how many lines of a kind are written in an interval; at least 1.
  ///   - interval: the length of an interval, which begins with the first line.
  package init(linesMaximum: Int = 10, interval: Duration = .seconds(60)) {
    precondition(linesMaximum > 0 && interval > .zero)
    self.linesMaximum = linesMaximum
    self.interval = interval
  }

  /// Decides about a line.
  package mutating func lineOccurred(_ key: String, now: Instant) -> Verdict {
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

  /// Decides about a line, and writes it or not.
  ///
  /// - Parameter write: writes the line, with a suffix that gives the number of suppressed lines; empty if there are
  ///   none.
  package mutating func log(_ key: String, at now: Instant, _ write: (_ suffix: String) -> Void) {
    switch lineOccurred(key, now: now) {
    case .write: write("")
    case .writeAfter(let suppressed): write(" (\(suppressed) more like it were left out)")
    case .suppress: break
    }
  }

  /// The suppressed lines of the intervals that have ended, sorted by key; to be called about once a minute, because
  /// a problem that has ended brings no further line to report them with.
  package mutating func timerTriggered(now: Instant) -> [Summary] {
    let ended = windows.filter { $0.value.end <= now }
    for key in ended.keys { windows[key] = nil }
    return ended.filter { $0.value.suppressed > 0 }.sorted { $0.key < $1.key }
      .map { Summary(key: $0.key, suppressed: $0.value.suppressed) }
  }
}
