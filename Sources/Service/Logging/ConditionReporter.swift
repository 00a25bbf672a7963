public import Primitives

/// Says of conditions that last when each begins, again every minute while it lasts, and when it is over.
public struct ConditionReporter: Sendable {
  /// What is worth a line.
  public enum Report: Equatable, Sendable {
    /// It is so, or still so, for a reason.
    case present(subject: String, reason: String)
    /// It is no longer so.
    case over(subject: String)
  }

  private let interval: Duration
  private var nextReports: [String: Instant] = [:]

  /// - Parameter interval: how often a condition that lasts is told.
  public init(interval: Duration = .seconds(60)) {
    self.interval = interval
  }

  /// What is so at present was looked at; to be called every second or so.
  ///
  /// - Parameter reasons: for each subject why it is so, or nil if it is not.
  public mutating func observed(_ reasons: [(subject: String, reason: String?)], now: Instant) -> [Report] {
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
