/// The data of one stream since the last reset, as plain numbers.
struct StreamTally: Equatable, Sendable {
  /// Whole events; comments and fields without data do not count.
  var events: UInt64 = 0
  /// Score increments: the sum of all growths in an `eps` stream, one per event in any other.
  var amount: UInt64 = 0
  /// Bytes of the body.
  var bytes: UInt64 = 0
  /// Data lines that the stream should not contain.
  var malformed: UInt64 = 0
  /// A rolling hash of all data in order; 0 for `eps`, whose clients may get the same growth in other portions.
  var hash: UInt64 = 0
  /// The probes that arrived and were not taken yet: bit *n* for `probe-n`.
  var probes: UInt64 = 0

  /// Adds the counts of another stream; hashes cannot be added.
  mutating func add(_ other: StreamTally) {
    events += other.events
    amount += other.amount
    bytes += other.bytes
    malformed += other.malformed
  }
}
