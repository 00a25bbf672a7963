public import Wire

/// Which of its streams a page wants closed.
public enum CleanupScope: Equatable, Sendable {
  /// `raw` and `eps`.
  case scores
  /// The details of one id.
  case details(TopicID)

  /// Whether a stream is one of them.
  public func contains(_ stream: StreamKind) -> Bool {
    switch (self, stream) {
    case (.scores, .raw), (.scores, .identifiedRaw), (.scores, .eps), (.scores, .identifiedEPS): true
    case (.details(let id), .details(let other)): id == other
    default: false
    }
  }
}

/// Which clients are to be closed.
public enum ClientMatch: Equatable, Sendable {
  /// Those of an address, of a stream (`/eps`, ``StreamKind/namespace``), or of that stream from that address.
  case selected(address: NetworkAddress?, namespace: String?)
  /// A page's own. An address is shared by many, and a key can be told to others: a client that has both is the page.
  case own(CleanupScope, address: NetworkAddress?, key: ClientKey)

  /// Whether a client is one of them.
  ///
  /// - Parameters:
  ///   - stream: what it listens to.
  ///   - address: under which it is counted; nil if nobody can tell.
  ///   - key: what it called itself.
  public func contains(_ stream: StreamKind, from address: NetworkAddress?, key: ClientKey?) -> Bool {
    switch self {
    case .selected(let wishedAddress, let namespace):
      (wishedAddress == nil || wishedAddress == address)
        && (namespace.map { $0.utf8.elementsEqual(stream.namespace.utf8) } ?? true)
    case .own(let scope, let ownAddress, let ownKey):
      scope.contains(stream) && ownAddress == address && ownKey == key
    }
  }
}
