import Logging

extension Logger {
  /// Logs that pushes of metrics to a receiver fail, with the reason, or succeed again.
  package func pushChanged(_ receiver: String, _ failure: String?) {
    if let failure {
      warning("metrics cannot be pushed", metadata: ["receiver": "\(receiver)", "reason": "\(failure)"])
    } else {
      notice("metrics are pushed again", metadata: ["receiver": "\(receiver)"])
    }
  }
}
