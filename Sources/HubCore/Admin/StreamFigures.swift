import Primitives
import Wire

/// Recent rates, and the ids that grew most: a sample of the totals every ten seconds, kept for a minute.
package struct StreamFigures: Sendable {
  /// The streams of clients.
  package enum Kind: String, Equatable, Sendable, CaseIterable {
    case eps, raw, details
    case allDetails = "all_details"
    case interaction
  }

  /// An id and a number.
  package struct Entry: Equatable, Sendable {
    /// The id.
    package let id: ScoreID
    /// Its total, or its growth.
    package let count: UInt64
  }

  /// The interval of samples.
  package static let interval = Duration.seconds(10)
  /// The number of samples kept.
  static let samplesMaximum = 7
  /// The greatest length of a list of top ids.
  package static let topMaximum = 10

  private struct Sample {
    let at: Instant
    let lineage: Lineage?
    /// By index of the table, which does not change within a lineage.
    let totals: [UInt64]
    let increments: UInt64
    let tweets: UInt64
    let interactions: UInt64
  }

  private var samples: [Sample] = []

  /// Figures without samples.
  package init() {}

  /// Time has passed; to be called about once a second. Most calls do nothing.
  package mutating func timerTriggered(_ scores: ScoreTable, _ counters: FeedCounters, now: Instant) {
    if let last = samples.last, now < last.at.advanced(by: Self.interval) { return }
    if samples.count == Self.samplesMaximum { samples.removeFirst() }
    samples.append(Self.sample(scores, counters, now: now))
  }

  /// The time covered by the figures.
  func window(now: Instant) -> Duration { samples.first.map { $0.at.duration(to: now) } ?? .zero }

  /// The events of a stream per second; 0 before the first sample.
  ///
  /// For `eps` this is the number of increments, which its events sum.
  func rate(of kind: Kind, _ scores: ScoreTable, _ counters: FeedCounters, now: Instant) -> Double {
    let seconds = Double(window(now: now).wholeMilliseconds) / 1_000
    guard let first = samples.first, seconds > 0 else { return 0 }
    let present = Self.sample(scores, counters, now: now)
    let growth =
      switch kind {
      case .eps, .raw: present.increments - first.increments
      case .details, .allDetails: present.tweets - first.tweets
      case .interaction: present.interactions - first.interactions
      }
    return Double(growth) / seconds
  }

  /// The ids with the greatest totals.
  static func greatest(of scores: ScoreTable) -> [Entry] { top(of: scores) { scores.tracked.totals[$0] } }

  /// The ids that grew most since the first kept sample; none if its lineage is another one.
  func growth(of scores: ScoreTable) -> [Entry] {
    guard let first = samples.first(where: { $0.lineage == scores.lineage }) else { return [] }
    return Self.top(of: scores) { index in
      let before = index < first.totals.count ? first.totals[index] : 0
      return scores.tracked.totals[index] > before ? scores.tracked.totals[index] - before : 0
    }
  }

  private static func sample(_ scores: ScoreTable, _ counters: FeedCounters, now: Instant) -> Sample {
    Sample(
      at: now, lineage: scores.lineage, totals: scores.tracked.totals, increments: scores.increments,
      tweets: counters.messagesPacked[.tweet] ?? 0,
      interactions: counters.messagesPacked[.interaction] ?? 0)
  }

  /// The greatest counts above 0, greatest first; equal ones in the order of their ids.
  private static func top(of scores: ScoreTable, count: (Int) -> UInt64) -> [Entry] {
    var top: [Entry] = []
    for index in scores.tracked.ids.indices {
      let entry = Entry(id: scores.tracked.ids[index], count: count(index))
      guard entry.count > 0, top.count < topMaximum || isAhead(entry, of: top[top.count - 1]) else {
        continue
      }
      top.insert(entry, at: top.firstIndex { isAhead(entry, of: $0) } ?? top.count)
      if top.count > topMaximum { top.removeLast() }
    }
    return top
  }

  private static func isAhead(_ entry: Entry, of other: Entry) -> Bool {
    entry.count == other.count
      ? entry.id.description.utf8.lexicographicallyPrecedes(other.id.description.utf8)
      : entry.count > other.count
  }
}
