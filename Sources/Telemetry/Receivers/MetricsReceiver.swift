import HTTP

/// A receiver of metrics. It never blocks: metrics that it cannot pass on at once are dropped, and that is reported.
protocol MetricsReceiver: AnyObject {
  /// Passes metrics on. The outcome is reported at once or later.
  func push(_ families: [MetricFamily], unixMicroseconds: UInt64)
}

/// Receives the outcome of a push: nil if it was accepted, as far as that can be known.
typealias PushOutcome = (String?) -> Void
