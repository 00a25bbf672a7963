/// What a client listens to.
public enum StreamKind: Hashable, Sendable {
  /// Every score id as it comes.
  case raw
  /// The growth of the scores, at most once in 17 ms.
  case eps
  /// The tweets of one id.
  case details(DetailsID)
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
}
