import Primitives

/// A metric: its samples, and what they have in common.
package struct MetricFamily: Equatable, Sendable {
  /// The type of a metric, in Prometheus's terms.
  package enum Kind: String, Sendable {
    /// Only grows, until the process ends. The family's name ends in `_total`.
    case counter
    /// Grows and shrinks.
    case gauge
    /// Counts durations in buckets. The family's name ends in `_seconds`.
    case histogram
  }

  /// The name with its unit last, as in `emojitrack_edge_bytes_sent_total`.
  package let name: String
  /// The type of the metric.
  package let kind: Kind
  /// A one-line description for operators.
  package let help: String
  /// The samples, in the order of output.
  package internal(set) var samples: [MetricSample] = []
}

/// One figure, or one distribution, of a metric.
package struct MetricSample: Equatable, Sendable {
  /// The figure or distribution.
  package enum Value: Equatable, Sendable {
    /// A whole number that is not negative.
    case whole(UInt64)
    /// Any number, including infinities and NaN.
    case real(Double)
    /// A distribution of durations.
    case durations(DurationHistogram)
  }

  /// The labels that tell the sample from the others of its family, in order.
  package let labels: [(name: String, value: String)]
  /// The figure.
  package let value: Value

  /// True if labels and value are the same.
  package static func == (left: MetricSample, right: MetricSample) -> Bool {
    left.value == right.value && left.labels.elementsEqual(right.labels) { $0 == $1 }
  }
}
