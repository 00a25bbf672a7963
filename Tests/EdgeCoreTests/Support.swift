import Primitives
import Testing
import Wire

@testable import EdgeCore

/// A moment, in milliseconds after the beginning of a test.
func moment(_ milliseconds: Int64) -> Instant {
  Instant(nanoseconds: 1_000_000_000).advanced(by: .milliseconds(milliseconds))
}

func id(_ text: String) throws -> ScoreID { try ScoreID(text) }

func growth(_ pairs: [(String, UInt64)]) throws -> [ScoreGrowth] {
  try pairs.map { ScoreGrowth(id: try id($0.0), amount: $0.1) }
}

/// The sums in the `eps` events of a stream, by id. It parses only as much of the format as our own events need.
func sums(in bytes: [UInt8]) throws -> [String: UInt64] {
  var sums: [String: UInt64] = [:]
  for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("data:{") {
    for pair in line.dropFirst(6).dropLast().split(separator: ",") {
      let parts = pair.split(separator: ":")
      let amount = try #require(UInt64(parts[1]))
      sums[String(parts[0].dropFirst().dropLast()), default: 0] += amount
    }
  }
  return sums
}

/// A stream without the checks in its ids.
func unchecked(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    let parts = line.split(separator: ":", omittingEmptySubsequences: false)
    return line.hasPrefix("id:") && parts.count == 4 ? parts[..<3].joined(separator: ":") : String(line)
  }.joined(separator: "\n")
}

extension MergedUpdate {
  /// The meaning of a message in one part for clients.
  init?(_ message: Message, in lineage: Lineage?) {
    switch message {
    case .snapshot(let part):
      self = .totals(
        MergedTotals(snapshotOf: part.lineage, position: part.position, entries: part.entries))
    case .scores(let part):
      guard let lineage else { return nil }
      self = .totals(
        MergedTotals(
          flushOf: lineage, position: part.position, entries: part.entries, untracked: part.untracked,
          hubStampMicroseconds: part.hubStampMicroseconds))
    case .raw(let batch): self = .raw(batch)
    case .topicEvent(let event): self = .topicEvent(event)
    case .gap(let gap): self = .gap(gap)
    default: return nil
    }
  }

  /// The message in one part with this meaning.
  var message: Message {
    switch self {
    case .totals(let totals) where totals.isSnapshot:
      .snapshot(
        Snapshot(
          lineage: totals.lineage, position: totals.position, isLast: true, entries: totals.entries))
    case .totals(let totals):
      .scores(
        Scores(
          position: totals.position, hubStampMicroseconds: totals.hubStampMicroseconds ?? 0,
          entries: totals.entries, untracked: totals.untracked))
    case .raw(let batch): .raw(batch)
    case .topicEvent(let event): .topicEvent(event)
    case .gap(let gap): .gap(gap)
    }
  }
}

extension UpdateRenderer {
  /// Takes a message that has one part.
  mutating func take(_ message: Message) {
    if let update = MergedUpdate(message, in: mirror.lineage) { receive(update) }
  }
}

extension ScoreMirror {
  mutating func merge(_ part: Snapshot) {
    merge(MergedTotals(snapshotOf: part.lineage, position: part.position, entries: part.entries))
  }

  mutating func merge(_ part: Scores) {
    guard let lineage else { return }
    merge(
      MergedTotals(
        flushOf: lineage, position: part.position, entries: part.entries, untracked: part.untracked))
  }
}
