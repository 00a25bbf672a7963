import Logging
import Service

extension Logger {
  /// Logs how many lines a limiter suppressed.
  func leftOut(_ summaries: [LogLimiter.Summary]) {
    for summary in summaries {
      warning("lines were left out", metadata: ["like": "\(summary.key)", "count": "\(summary.suppressed)"])
    }
  }
}
