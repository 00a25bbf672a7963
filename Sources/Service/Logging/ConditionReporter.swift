import Primitives

/// Reports when a lasting condition begins, again every minute while it lasts, and when it ends.
package struct ConditionReporter: Sendable {
  /// A report for one log line.
  package enum Report: Equatable, Sendable {
    /// The condition has begun, or still lasts.
    case present(subject: String, reason: String)
    /// The condition has ended.
    case over(subject: String)
  }

  private let interval: Duration
  private var nextReports: [String: Instant] = [:]

  /// - Parameter interval: how often a lasting condition is reported.
  package init(interval: Duration = .seconds(60)) {
    self.interval = interval
  }

  /// The present conditions; to be called about every second.
  ///
  /// - Parameter reasons: for each subject the reason of its condition, or nil if there is none.
  package mutating func observed(_ reasons: [(subject: String, reason: String?)], now: Instant) -> [Report] {
    reasons.compactMap { subject, reason in
      let next = nextReports[subject]
      guard let reason else {
        nextReports[subject] = nil
        return next == nil ? nil : .over(subject: subject)
      }
      guard next.map({ $0 <= now }) ?? true else { return nil }
      nextReports[subject] = now.advanced(by: interval)
      return .present(subject: subject, reason: reason)
    }
  }
}
