import Primitives

/// The first bytes of a client's stream: the response head, and the opening, if the client has one.
///
/// The head goes out in one write with the beginning of the opening. The rest of a long opening is shared by all its
/// clients, not copied. The driver writes ``next`` and reports how much was accepted (``wrote(_:)``) until there is
/// no more, and then joins the client to its stream: in step if everything was accepted, lagging otherwise.
package struct InitialWrite: Sendable {
  private let first: [UInt8]
  private var firstSent = 0
  /// The bytes after the first ones, from an index on; nil if the first ones include them.
  private let following: SharedBytes?
  private var followingStart: Int
  private var isFull = false

  /// - Parameters:
  ///   - head: the response head; it may be empty.
  ///   - answer: the opening after the head.
  ///   - copiedMaximum: how many bytes of the opening are copied for this client alone.
  package init(head: [UInt8], answer: SharedBytes?, copiedMaximum: Int) {
    let rest = answer?.bytes ?? []
    let start = min(rest.count, copiedMaximum)
    first = start == 0 ? head : head + rest[..<start]
    following = start < rest.count ? answer : nil
    followingStart = start
  }

  /// The next bytes to write, and the index of the first; nil if all is written, or the last write was incomplete.
  package var next: (bytes: [UInt8], start: Int)? {
    if isFull { return nil }
    if firstSent < first.count { return (first, firstSent) }
    guard let following, followingStart < following.bytes.count else { return nil }
    return (following.bytes, followingStart)
  }

  /// The socket accepted `count` bytes of ``next``; fewer than offered means that it is full.
  package mutating func wrote(_ count: Int) {
    if firstSent < first.count {
      firstSent += count
      isFull = firstSent < first.count
    } else if let following {
      followingStart += count
      isFull = followingStart < following.bytes.count
    }
  }

  /// Joins the client to its stream: it gets every entry from now on.
  package func join<Channel>(
    _ stream: DeliveryStream<Channel>, as slot: Int32, channel: Channel, at now: Instant
  ) {
    guard isFull else { return stream.join(slot, channel: channel, at: now) }
    // First bytes that were fully accepted are not kept.
    let hasPartialWrite = firstSent < first.count
    stream.joinLagging(
      slot, channel: channel, pending: hasPartialWrite ? first : [], sent: hasPartialWrite ? firstSent : 0,
      following: following,
      from: followingStart, at: now)
  }
}
