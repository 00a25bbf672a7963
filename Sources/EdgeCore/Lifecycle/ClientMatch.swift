import PlantedFaults
import Wire

/// Which of its own streams a page wants closed.
package enum CleanupScope: Equatable, Sendable {
  /// The streams `raw` and `eps`.
  case scores
  /// The stream of details of one id.
  case details(TopicID)

  /// Whether the scope covers a stream.
  package func contains(_ stream: StreamKind) -> Bool {
    switch (self, stream) {
    case (.scores, .raw), (.scores, .identifiedRaw), (.scores, .eps), (.scores, .identifiedEPS): true
    case (.details(let id), .details(let other)): id == other
    default: false
    }
  }
}

/// Which clients to close.
package enum ClientMatch: Equatable, Sendable {
  /// The clients of an address, of a stream (`/eps`, ``StreamKind/namespace``), or of that stream from that address.
  case selected(address: NetworkAddress?, namespace: String?)
  /// A page's own clients. Many clients may share an address, and a key may leak, so both must match.
  case own(CleanupScope, address: NetworkAddress?, key: ClientKey)

  /// Whether a client matches.
  ///
  /// - Parameters:
  ///   - stream: the client's stream.
  ///   - address: the address under which the client is counted; nil if it is unknown.
  ///   - key: the key that the client's request named.
  package func contains(_ stream: StreamKind, from address: NetworkAddress?, key: ClientKey?) -> Bool {
    switch self {
    case .selected(let wishedAddress, let namespace):
      (wishedAddress == nil || wishedAddress == address)
        && (namespace.map { $0.utf8.elementsEqual(stream.namespace.utf8) } ?? true)
    case .own(let scope, let ownAddress, let ownKey):
      scope.contains(stream) && ownAddress == address && (ownKey == key || planted(.cleanupIgnoresKeys))
    }
  }
}
