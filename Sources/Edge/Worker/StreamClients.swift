import EdgeCore

/// The numbers of streaming clients, by stream.
struct StreamClients: Sendable {
  var raw: UInt64 = 0
  var eps: UInt64 = 0
  var details: UInt64 = 0
  var allDetails: UInt64 = 0
  var interaction: UInt64 = 0

  /// The sum over all streams.
  var inAll: UInt64 { raw + eps + details + allDetails + interaction }

  /// The numbers with the streams' names in metrics.
  var byStream: [(stream: String, count: UInt64)] {
    [
      ("raw", raw), ("eps", eps), ("details", details), ("all_details", allDetails),
      ("interaction", interaction),
    ]
  }

  mutating func count(_ number: UInt64, of kind: StreamKind) {
    switch kind {
    case .raw, .identifiedRaw: raw += number
    case .eps, .identifiedEPS: eps += number
    case .details: details += number
    case .allDetails: allDetails += number
    case .interaction: interaction += number
    case .probe: break
    }
  }

  mutating func add(_ other: StreamClients) {
    raw += other.raw
    eps += other.eps
    details += other.details
    allDetails += other.allDetails
    interaction += other.interaction
  }
}
