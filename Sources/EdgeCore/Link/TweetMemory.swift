import Wire

/// The last tweets of a topic that went on, or that were in a list, by their digests: see ``TweetRepair``.
///
struct TweetMemory: Sendable {
  /// When an event came, or a list.
  struct Era: Equatable, Sendable {
    /// How many lineages had ended.
    var lineage: UInt64 = 0
    /// How often Redis might have been set back, so that a list is of the past.
    var history: UInt64 = 0
  }

  /// Two lists: what went on before Redis was set back, and what it went back to.
  static let digestsMaximum = 2 * Tweets.maximumCount

  /// Oldest first, at most ``digestsMaximum``.
  private(set) var digests: [UInt64] = []
  /// When the last event went on.
  private(set) var era: Era
  /// Those that may come once more.
  private var copies: [UInt64] = []
  /// In which lineage the last event came.
  private var lineage: UInt64

  /// Nothing is remembered.
  init(_ era: Era) {
    self.era = era
    lineage = era.lineage
  }

  /// An event came.
  ///
  /// - Returns: whether it goes on; false if it is a copy of what went on.
  mutating func eventCame(_ digest: UInt64, in era: Era) -> Bool {
    if lineage != era.lineage { copies = digests }
    lineage = era.lineage
    if let copy = copies.firstIndex(of: digest) {
      copies.remove(at: copy)
      return false
    }
    if digests.count == Self.digestsMaximum { digests.removeFirst() }
    digests.append(digest)
    // Behind so many new ones, a copy would be late beyond all measure.
    if !copies.isEmpty { copies.removeAll { !digests.contains($0) } }
    self.era = era
    return true
  }

  /// A list came. It is the last that is known, whatever of it was remembered already.
  ///
  /// - Parameter start: from where on it is told to everybody; nil if nothing of it is.
  mutating func listCame(_ list: [UInt64], toldFrom start: Int?) {
    digests = Array((digests.filter { !list.contains($0) } + list).suffix(Self.digestsMaximum))
    if let start { copies += list[start...] }
  }
}
