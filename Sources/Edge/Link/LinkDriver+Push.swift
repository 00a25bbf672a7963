import Logging
import Primitives
import Reactor
import Service
import Telemetry
import Transport

// Pushes metrics, for deployments that do not scrape them.
extension LinkDriver {
  /// Begins to push metrics, if the settings name a receiver.
  func startPushing(on network: Network) throws {
    let origin = MetricsOrigin(
      service: "emojitrack-edge", node: configuration.node.description, version: ServiceVersion.current,
      startedAtMicroseconds: MonotonicClock.wallMicroseconds())
    pusher = try MetricsPusher(configuration.push, origin, on: network) { [logger] in
      logger.pushChanged($0, $1)
    }
    pusher?.start { [mailboxes] in mailboxes.collect(for: .push) }
  }

  /// All workers have added their parts: pushes the metrics.
  func push(_ collection: Collection) {
    let metrics = EdgeMetrics(
      node: configuration.node.description, uptime: startedAt.duration(to: loop.now),
      counters: collection.totals, link: health)
    pusher?.push(metrics.text)
  }
}

extension EdgeSettings {
  /// The receivers of pushed metrics.
  var pushTargets: PushTargets {
    PushTargets(
      interval: self.pushInterval, prefix: self.pushPrefix, graphite: self.pushGraphite,
      statsD: self.pushStatsD, openTelemetry: self.pushOpenTelemetry,
      openTelemetryFields: self.pushOpenTelemetryFields)
  }
}
