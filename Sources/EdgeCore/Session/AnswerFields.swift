import HTTP

/// The header fields of every answer.
package struct AnswerFields: Equatable, Sendable {
  /// For answers that pages of other sites may read: everything but the metrics, streams and refusals included.
  package let shared: [ResponseField]
  /// For answers that they may not read: the metrics for Prometheus.
  package let unshared: [ResponseField]

  /// - Parameters:
  ///   - allowOrigin: the value of `Access-Control-Allow-Origin`.
  ///   - strictTransport: for how long a browser must use TLS only (RFC 6797); nil for connections without TLS, where
  ///     the field must not be sent (§7.2), or if it is off.
  package init(allowOrigin: FieldValue, strictTransport: Duration? = nil) {
    unshared =
      strictTransport.map {
        [ResponseField("Strict-Transport-Security", FieldValue(maxAge: $0))]
      } ?? []
    shared = [ResponseField("Access-Control-Allow-Origin", allowOrigin)] + unshared
  }
}

extension FieldValue {
  fileprivate init(maxAge: Duration) {
    guard let value = FieldValue(checking: "max-age=\(maxAge.components.seconds)") else {
      preconditionFailure("a bad field value in our own code")
    }
    self = value
  }
}
