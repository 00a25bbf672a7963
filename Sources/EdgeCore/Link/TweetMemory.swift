import Wire

/// The last tweets of a topic that were passed on or listed, as digests: see ``TweetRepair``.
struct TweetMemory: Sendable {
  /// When an event or a list arrived, in terms of lineages and set-backs.
  struct Era: Equatable, Sendable {
    /// How many lineages have ended.
    var lineage: UInt64 = 0
    /// How often Redis may have been set back, so that a list may be of the past.
    var history: UInt64 = 0
  }

  /// Two lists: the one before Redis was set back, and the one after.
  static let digestsMaximum = 2 * Tweets.maximumCount

  /// Oldest first, at most ``digestsMaximum``.
  private(set) var digests: [UInt64] = []
  /// When the last event was passed on.
  private(set) var era: Era
  /// Digests of tweets that may arrive once more.
  private var copies: [UInt64] = []
  /// The lineage in which the last event arrived.
  private var lineage: UInt64

  /// An empty memory.
  init(_ era: Era) {
    self.era = era
    lineage = era.lineage
  }

  /// An event arrived.
  ///
  /// - Returns: whether to pass it on; false for a copy.
  mutating func eventCame(_ digest: UInt64, in era: Era) -> Bool {
    if lineage != era.lineage { copies = digests }
    lineage = era.lineage
    if let copy = copies.firstIndex(of: digest) {
      copies.remove(at: copy)
      return false
    }
    if digests.count == Self.digestsMaximum { digests.removeFirst() }
    digests.append(digest)
    // After so many new tweets, a copy would be too late to be one.
    if !copies.isEmpty { copies.removeAll { !digests.contains($0) } }
    self.era = era
    return true
  }

  /// A list arrived. Its tweets become the last known ones, even those that were remembered before.
  ///
  /// - Parameter start: the index from which the list is passed on to all clients; nil if none of it is.
  mutating func listCame(_ list: [UInt64], receivedFrom start: Int?) {
    digests = Array((digests.filter { !list.contains($0) } + list).suffix(Self.digestsMaximum))
    if let start { copies += list[start...] }
  }
}
