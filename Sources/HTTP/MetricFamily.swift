public import Primitives

/// Samples of one kind, with what is the same for all of them.
public struct MetricFamily: Equatable, Sendable {
  /// What the samples mean.
  public enum Kind: String, Sendable {
    /// Only grows, until the process ends. The family's name ends in `_total`.
    case counter
    /// Grows and shrinks.
    case gauge
    /// Counts durations in buckets. The family's name ends in `_seconds`.
    case histogram
  }

  /// The name with its unit last, as in `emojitrack_edge_bytes_sent_total`.
  public let name: String
  /// What the samples mean.
  public let kind: Kind
  /// One line for people.
  public let help: String
  /// The samples, in the order in which they are written.
  public internal(set) var samples: [MetricSample] = []
}

/// One figure, or one distribution, of a family.
public struct MetricSample: Equatable, Sendable {
  /// The figure.
  public enum Value: Equatable, Sendable {
    /// A whole number that is not negative.
    case whole(UInt64)
    /// Any number; it may be infinite, or none.
    case real(Double)
    /// A distribution of durations.
    case durations(DurationHistogram)
  }

  /// What tells the sample from the others of its family, in order.
  public let labels: [(name: String, value: String)]
  /// The figure.
  public let value: Value

  /// True if labels and value are the same.
  public static func == (left: MetricSample, right: MetricSample) -> Bool {
    left.value == right.value && left.labels.elementsEqual(right.labels) { $0 == $1 }
  }
}
