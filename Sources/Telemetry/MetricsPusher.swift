import HTTP
import Primitives
import Reactor
import TLS
import Transport

/// Pushes metrics to all configured receivers, at an interval, on the loop of its owner.
package final class MetricsPusher {
  private let targets: PushTargets
  private let loop: EventLoop
  private let notify: (_ receiver: String, _ failure: String?) -> Void
  private var receivers: [any MetricsReceiver] = []
  private var isFailing: Set<String> = []

  /// - Parameter notify: called when pushes to a receiver start to fail, with the reason, and when they succeed again.
  /// - Throws: an error that makes a receiver permanently unusable.
  package init(
    _ targets: PushTargets, _ origin: MetricsOrigin, on network: Network,
    notify: @escaping (_ receiver: String, _ failure: String?) -> Void
  ) throws {
    self.targets = targets
    self.notify = notify
    loop = network.loop
    let figures = FigureList(prefix: targets.prefix, node: origin.node)
    if let graphite = targets.graphite {
      let endpoint = Endpoint.tcp(host: graphite.host, port: graphite.port)
      receivers.append(
        GraphiteReceiver(endpoint, figures, on: network, outcome: outcome(of: "graphite \(graphite)")))
    }
    if let statsD = targets.statsD {
      receivers.append(
        StatsDReceiver(
          statsD, figures, resolver: network.resolver, outcome: outcome(of: "statsd \(statsD)")))
    }
    if let url = targets.openTelemetry {
      receivers.append(
        try OpenTelemetryReceiver(
          url, targets.openTelemetryFields, origin, on: network, outcome: outcome(of: "otlp \(url)")))
    }
  }

  /// Starts the pusher, if a receiver is configured. The callback, which runs at once and then at the interval, must
  /// call ``push(_:)``.
  package func start(_ collect: @escaping () -> Void) {
    guard !receivers.isEmpty else { return }
    collect()
    loop.schedule(at: loop.now.advanced(by: targets.interval)) { [weak self] in self?.start(collect) }
  }

  /// Pushes metrics to all receivers. A receiver that is not ready drops them.
  package func push(_ metrics: MetricsText) {
    let now = MonotonicClock.wallMicroseconds()
    for receiver in receivers { receiver.push(metrics.families, unixMicroseconds: now) }
  }

  private func outcome(of receiver: String) -> PushOutcome {
    { [weak self] failure in self?.reported(failure, of: receiver) }
  }

  private func reported(_ failure: String?, of receiver: String) {
    let changed =
      failure == nil ? isFailing.remove(receiver) != nil : isFailing.insert(receiver).inserted
    if changed { notify(receiver, failure) }
  }
}
