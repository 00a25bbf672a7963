import Primitives

/// The latest entries of one stream, numbered in sequence, for those clients that have not received them yet.
///
/// While no client lags it is empty: what everybody has received needs not be kept. It is bounded in age and in
/// bytes; whoever lags further than that has lost what fell out.
struct StreamLog {
  private struct Kept {
    let entry: StreamEntry
    let time: Instant
    /// How many events all entries before this one held, since the beginning of the stream.
    let eventsBefore: UInt64
  }

  private let maximumAge: Duration
  private let maximumBytes: Int
  private var entries = RingBuffer<Kept>()
  private var byteCount = 0
  private var eventCount: UInt64 = 0

  /// The number of the oldest entry that is kept.
  private(set) var firstSequence: UInt64 = 0
  /// The number that the next entry will have.
  var endSequence: UInt64 { firstSequence + UInt64(entries.count) }

  init(maximumAge: Duration, maximumBytes: Int) {
    self.maximumAge = maximumAge
    self.maximumBytes = maximumBytes
  }

  mutating func append(_ entry: StreamEntry, at time: Instant) {
    entries.append(Kept(entry: entry, time: time, eventsBefore: eventCount))
    eventCount += UInt64(entry.eventCount)
    byteCount += Self.cost(of: entry)
  }

  subscript(sequence: UInt64) -> StreamEntry { entries[Int(sequence - firstSequence)].entry }

  /// How many events came between the end of the entry before one sequence and the beginning of the oldest kept.
  func eventsLost(from sequence: UInt64, eventsBefore: UInt64) -> UInt64 {
    guard sequence < firstSequence else { return 0 }
    return (entries.first?.eventsBefore ?? eventCount) - eventsBefore
  }

  /// How many events all entries before a sequence held.
  func eventsBefore(_ sequence: UInt64) -> UInt64 {
    sequence >= endSequence ? eventCount : entries[Int(sequence - firstSequence)].eventsBefore
  }

  /// Drops what is too old or too much, but nothing from a sequence on.
  mutating func trim(before sequence: UInt64, at now: Instant) {
    while let oldest = entries.first, firstSequence < sequence {
      guard byteCount > maximumBytes || oldest.time.advanced(by: maximumAge) < now else { return }
      dropFirst()
    }
  }

  /// Drops everything before a sequence.
  mutating func drop(before sequence: UInt64) {
    while firstSequence < sequence, !entries.isEmpty { dropFirst() }
  }

  private mutating func dropFirst() {
    guard let dropped = entries.popFirst() else { return }
    byteCount -= Self.cost(of: dropped.entry)
    firstSequence += 1
  }

  /// What keeping an entry takes: its bytes, and 24 for each growth.
  private static func cost(of entry: StreamEntry) -> Int { entry.bytes.count + entry.growth.count * 24 }
}
