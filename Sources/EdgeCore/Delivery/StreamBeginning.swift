public import Primitives

/// The first bytes of a client's stream: the head of the response, and what follows that, if the client wants more than
/// what happens from now on.
///
/// The head goes out in the same write as the beginning of what follows. The rest of a long answer is shared by all who want
/// it, and not copied. The driver writes ``next`` and reports what was taken (``wrote(_:)``) until there is no more, and then
/// lets the client into its stream: in step if it took everything, and lagging otherwise.
public struct StreamBeginning: Sendable {
  private let first: [UInt8]
  private var firstSent = 0
  /// What is sent behind the first bytes, from an index on; nil if it is among them.
  private let following: SharedBytes?
  private var followingStart: Int
  private var isFull = false

  /// - Parameters:
  ///   - head: the head of the response; it may be empty.
  ///   - answer: what follows that.
  ///   - copiedMaximum: how many bytes of the answer are copied for this client alone.
  public init(head: [UInt8], answer: SharedBytes?, copiedMaximum: Int) {
    let rest = answer?.bytes ?? []
    let start = min(rest.count, copiedMaximum)
    first = start == 0 ? head : head + rest[..<start]
    following = start < rest.count ? answer : nil
    followingStart = start
  }

  /// What to write next, and from which index on; nil if all is written, or the client took less than it was offered.
  public var next: (bytes: [UInt8], start: Int)? {
    if isFull { return nil }
    if firstSent < first.count { return (first, firstSent) }
    guard let following, followingStart < following.bytes.count else { return nil }
    return (following.bytes, followingStart)
  }

  /// So many bytes of ``next`` were taken; fewer than offered means that there is no more room.
  public mutating func wrote(_ count: Int) {
    if firstSent < first.count {
      firstSent += count
      isFull = firstSent < first.count
    } else if let following {
      followingStart += count
      isFull = followingStart < following.bytes.count
    }
  }

  /// Lets the client into its stream: it gets every entry that comes from now on.
  public func join<Channel>(
    _ stream: DeliveryStream<Channel>, as slot: Int32, channel: Channel, at now: Instant
  ) {
    guard isFull else { return stream.join(slot, channel: channel, at: now) }
    // Of first bytes that were taken whole nothing is kept.
    let isCut = firstSent < first.count
    stream.joinLagging(
      slot, channel: channel, pending: isCut ? first : [], sent: isCut ? firstSent : 0, following: following,
      from: followingStart, at: now)
  }
}
