public import Logging

extension Logger {
  /// Pushes of metrics to a receiver fail from now on, for a reason, or go well again.
  public func pushChanged(_ receiver: String, _ failure: String?) {
    if let failure {
      warning("metrics can not be pushed", metadata: ["receiver": "\(receiver)", "reason": "\(failure)"])
    } else {
      notice("metrics are pushed again", metadata: ["receiver": "\(receiver)"])
    }
  }
}
