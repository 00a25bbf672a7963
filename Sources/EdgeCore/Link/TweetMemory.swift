import Wire

/// The last tweets of a topic that went on, or that were in a list, by their digests: see ``TweetRepair``.
///
/// A *history* is what lies between two moments at which Redis may have been set back; they are counted.
struct TweetMemory: Sendable {
  /// Two lists: what went on before Redis was set back, and what it went back to.
  static let digestsMaximum = 2 * Tweets.maximumCount

  /// Oldest first, at most ``digestsMaximum``.
  private(set) var digests: [UInt64] = []
  /// In which history the last event went on.
  private(set) var history: UInt64
  /// Those that may come once more.
  private var copies: [UInt64] = []
  /// In which history the last event came.
  private var examined: UInt64

  /// Nothing is remembered.
  init(history: UInt64) {
    self.history = history
    examined = history
  }

  /// An event came.
  ///
  /// - Returns: whether it goes on; false if it is a copy of what went on.
  mutating func eventCame(_ digest: UInt64, in history: UInt64) -> Bool {
    if examined != history { copies = digests }
    examined = history
    if let copy = copies.firstIndex(of: digest) {
      copies.remove(at: copy)
      return false
    }
    if digests.count == Self.digestsMaximum { digests.removeFirst() }
    digests.append(digest)
    // Behind so many new ones, a copy would be late beyond all measure.
    if !copies.isEmpty { copies.removeAll { !digests.contains($0) } }
    self.history = history
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
