import Primitives

/// The receivers of metrics, and the interval.
package struct PushTargets: Sendable {
  let interval: Duration
  let prefix: String
  let graphite: HostPort?
  let statsD: HostPort?
  let openTelemetry: HTTPURL?
  let openTelemetryFields: [HTTPField]

  /// - Parameters:
  ///   - interval: the time between two pushes.
  ///   - prefix: the beginning of all paths in Graphite and StatsD.
  ///   - graphite: the Graphite server, if there is one.
  ///   - statsD: the StatsD server, if there is one.
  ///   - openTelemetry: the receiver of OTLP as JSON, if there is one; for `https` the system must trust its
  ///     certificate.
  ///   - openTelemetryFields: further header fields of the requests to it, such as a key.
  package init(
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
