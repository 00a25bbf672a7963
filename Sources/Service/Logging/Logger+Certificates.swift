import Logging

extension Logger {
  /// Logs that a certificate is not valid by this machine's clock, or is valid again.
  package func certificateReported(_ report: ConditionReporter.Report) {
    switch report {
    case .present(let subject, let reason):
      error(
        "not valid now: renew it, or correct the clock if that is wrong; it is checked again each second",
        metadata: ["certificate": "\(subject)", "reason": "\(reason)"])
    case .over(let subject):
      notice("valid now", metadata: ["certificate": "\(subject)"])
    }
  }
}
