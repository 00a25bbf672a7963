import HTTP

/// Where metrics are pushed to. It never waits: what can not be handed on at once is left out, and said.
protocol MetricsReceiver: AnyObject {
  /// Hands metrics on. How that ended is told later, or at once.
  func push(_ families: [MetricFamily], unixMicroseconds: UInt64)
}

/// Told what came of a push: nil if it was taken, as far as one can know.
typealias PushOutcome = (String?) -> Void
