public import Primitives

/// To whom metrics are pushed, and how often.
public struct PushTargets: Sendable {
  let interval: Duration
  let prefix: String
  let graphite: HostPort?
  let statsD: HostPort?
  let openTelemetry: HTTPURL?
  let openTelemetryFields: [HTTPField]

  /// - Parameters:
  ///   - interval: how often.
  ///   - prefix: what the paths of Graphite and StatsD begin with.
  ///   - graphite: a Graphite, if there is any.
  ///   - statsD: a StatsD, if there is any.
  ///   - openTelemetry: a receiver of OTLP as JSON, if there is any; for `https` it must show a certificate that the
  ///     system trusts.
  ///   - openTelemetryFields: further fields of the requests to it, such as a key.
  public init(
    interval: Duration, prefix: String, graphite: HostPort?, statsD: HostPort?, openTelemetry: HTTPURL?,
    openTelemetryFields: [HTTPField]
  ) {
    self.interval = interval
    self.prefix = prefix
    self.graphite = graphite
    self.statsD = statsD
    self.openTelemetry = openTelemetry
    self.openTelemetryFields = openTelemetryFields
  }
}
