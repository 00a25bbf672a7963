import Logging
import Service

extension Logger {
  /// Tells of lines that a limiter left out.
  func leftOut(_ summaries: [LogLimiter.Summary]) {
    for summary in summaries {
      warning("lines were left out", metadata: ["like": "\(summary.key)", "count": "\(summary.suppressed)"])
    }
  }
}
