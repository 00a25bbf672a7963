import Wire

/// The stamp of the last event of each source, for as many sources as had events of late.
///
/// Its memory is bounded by forgetting: sources that were not among the last so many with events are dropped. A copy
/// of an event comes within a tick or two of the first one, which is far sooner.
struct TopicStamps: Sendable {
  /// How many sources are remembered at the least; at most twice as many are.
  static let countMinimum = 16_384

  private var recent: [TopicEvent.Source: TopicStamp] = [:]
  private var older: [TopicEvent.Source: TopicStamp] = [:]
  private let countMinimum: Int

  init(countMinimum: Int = Self.countMinimum) { self.countMinimum = countMinimum }

  /// How many sources are remembered.
  var count: Int { recent.count + older.count }

  /// Moves the source's stamp forward.
  ///
  /// - Returns: false if it was there already, or further on.
  mutating func advance(_ source: TopicEvent.Source, to stamp: TopicStamp) -> Bool {
    if let known = recent[source] ?? older[source], stamp <= known { return false }
    if recent.count >= countMinimum && recent[source] == nil {
      older = recent
      recent = [:]
    }
    recent[source] = stamp
    return true
  }
}
