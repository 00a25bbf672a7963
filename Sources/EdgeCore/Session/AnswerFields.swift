public import HTTP

/// What is said with every answer, whatever it is.
public struct AnswerFields: Equatable, Sendable {
  /// With what pages of other sites may read, streams and refusals among it.
  public let shared: [ResponseField]
  /// With what they may not: the figures for Prometheus.
  public let unshared: [ResponseField]

  /// - Parameters:
  ///   - allowOrigin: the value of `Access-Control-Allow-Origin`.
  ///   - strictTransport: for how long a browser is to come over TLS alone (RFC 6797); nil where that is not said, as it must not
  ///     be to who comes without.
  public init(allowOrigin: FieldValue, strictTransport: Duration? = nil) {
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
