import Primitives

/// The latest entries of one stream, numbered in sequence, for clients that have not received them yet.
///
/// It is empty while no client lags: entries that every client has received need not be kept. It is limited in age
/// and in bytes; a client that lags further has lost the entries that were dropped.
struct StreamLog {
  private struct Kept {
    let entry: StreamEntry
    let time: Instant
    /// How many events all earlier entries held, since the beginning of the stream.
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

  /// When an entry was added, or the oldest kept one if that one is gone; nil at the end of the log.
  func time(of sequence: UInt64) -> Instant? {
    sequence >= endSequence ? nil : entries[Int(max(sequence, firstSequence) - firstSequence)].time
  }

  /// How many events lie between the end of the entry before a sequence number and the oldest kept entry.
  func eventsLost(from sequence: UInt64, eventsBefore: UInt64) -> UInt64 {
    guard sequence < firstSequence else { return 0 }
    return (entries.first?.eventsBefore ?? eventCount) - eventsBefore
  }

  /// How many events all entries before a sequence number held.
  func eventsBefore(_ sequence: UInt64) -> UInt64 {
    sequence >= endSequence ? eventCount : entries[Int(sequence - firstSequence)].eventsBefore
  }

  /// Drops entries that are too old or too many, but none from a sequence number on.
  mutating func trim(before sequence: UInt64, at now: Instant) {
    while let oldest = entries.first, firstSequence < sequence {
      guard byteCount > maximumBytes || oldest.time.advanced(by: maximumAge) < now else { return }
      dropFirst()
    }
  }

  /// Drops everything before a sequence number.
  mutating func drop(before sequence: UInt64) {
    while firstSequence < sequence, !entries.isEmpty { dropFirst() }
  }

  private mutating func dropFirst() {
    guard let dropped = entries.popFirst() else { return }
    byteCount -= Self.cost(of: dropped.entry)
    firstSequence += 1
  }

  /// The cost of keeping an entry: its bytes, and 24 for each growth.
  private static func cost(of entry: StreamEntry) -> Int { entry.bytes.count + entry.growth.count * 24 }
}
