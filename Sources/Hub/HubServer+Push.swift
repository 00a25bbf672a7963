import HubCore
import Logging
import Primitives
import Reactor
import Service
import Telemetry

// Metrics for those who do not scrape.
extension HubServer {
  /// Begins to push, if anybody is to be pushed to.
  func startPushing() throws {
    let targets = PushTargets(
      interval: settings.pushInterval, prefix: settings.pushPrefix, graphite: settings.pushGraphite,
      statsD: settings.pushStatsD, openTelemetry: settings.pushOpenTelemetry,
      openTelemetryFields: settings.pushOpenTelemetryFields)
    let origin = MetricsOrigin(
      service: "emojitrack-hub", node: terms.node.description, version: ServiceVersion.current,
      startedAtMicroseconds: MonotonicClock.wallMicroseconds())
    pusher = try MetricsPusher(targets, origin, on: network) { [logger] in logger.pushChanged($0, $1) }
    pusher?.start { [weak self] in
      guard let self else { return }
      pusher?.push(status.metrics)
    }
  }
}
