public import Wire

/// What a client listens to.
public enum StreamKind: Hashable, Sendable {
  /// Every score id as it comes.
  case raw
  /// The growth of the scores, at most once in 17 ms.
  case eps
  /// The tweets of one id.
  case details(TopicID)
  /// The tweets of all ids, where the operator offers it.
  case allDetails

  /// The stream's name in the predecessors' words: `/raw`, `/eps`, `/details/1F4C2`, `/details`.
  public var namespace: String {
    switch self {
    case .raw: "/raw"
    case .eps: "/eps"
    case .details(let id): "/details/\(id)"
    case .allDetails: "/details"
    }
  }

  /// The path that a client asks for, in its plain spelling.
  public var path: String { "/subscribe" + namespace }

  /// What the hub must send for the sake of the stream; nil for the totals, which it always sends.
  public var topic: Topic? {
    switch self {
    case .raw: .raw
    case .eps: nil
    case .details(let id): .details(id)
    case .allDetails: .allDetails
    }
  }

  /// How a client that falls behind is brought back.
  var lagPolicy: LagPolicy { self == .eps ? .sum : .skip }
}
