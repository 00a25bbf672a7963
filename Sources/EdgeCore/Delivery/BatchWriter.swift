import Primitives

/// Hands bytes to clients over channels of one kind: the same bytes to many clients, or different bytes to one.
///
/// A worker owns one writer for each kind of channel. A writer may perform a write at once, or collect writes and
/// perform them in ``finish()``; so results are taken there, and a caller must not change the order of its channels
/// in between. A writer must not keep the channels after that: the caller changes their array in place.
package protocol BatchWriter<Channel> {
  /// The way to one client: a socket, the writing half of a TLS session.
  associatedtype Channel

  /// Offers the same bytes to each channel. Results count from the first one. The calls since the last ``finish()`` are numbered from 0.
  mutating func write(_ bytes: [UInt8], toEach channels: ArraySlice<Channel>)

  /// Completes all writes to many channels.
  ///
  /// - Returns: one result for each ``write(_:toEach:)`` since the last call, in their order.
  mutating func finish() -> [BatchResult]

  /// Offers bytes from an index on to one channel, which takes as many as it has room for.
  mutating func write(_ bytes: [UInt8], from start: Int, to channel: Channel) -> WriteOutcome
}

/// What a channel did with the bytes that it was offered.
package enum WriteOutcome: Hashable, Sendable {
  /// It took this many bytes, possibly none. Fewer than offered: the channel reports when it has room again.
  case accepted(Int)
  /// The connection is broken.
  case failed

  /// The number of bytes that were taken.
  package var count: Int { if case .accepted(let count) = self { count } else { 0 } }
}

/// The result of one write to many channels.
package struct BatchResult: Sendable {
  /// The channels that did not take all bytes, by their index, and what each did.
  package var short: [(index: Int, result: WriteOutcome)] = []
  /// When the first channel was written to.
  package let startedAt: Instant
  /// When the last channel had been written to.
  package var endedAt: Instant

  /// The result of a write that begins now.
  package init(startedAt: Instant) {
    self.startedAt = startedAt
    endedAt = startedAt
  }
}
