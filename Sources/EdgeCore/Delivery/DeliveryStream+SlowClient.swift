import Primitives

extension DeliveryStream {
  /// The cursor of a client that lags.
  struct SlowClient {
    let channel: Channel
    /// The bytes being sent: the rest of an entry that was cut, or a sum rendered for this client.
    var pending: [UInt8]
    var sent: Int
    /// The bytes after those, from an index on: the rest of a long opening, which many clients share.
    var following: SharedBytes?
    var followingStart = 0
    /// The shared bytes of which ``pending`` is the rest, if any.
    var shared: SharedBytes?
    /// The entry that follows the pending bytes.
    var sequence: UInt64
    /// How many events precede that entry.
    var eventsBefore: UInt64
    /// When it last took a byte.
    var progressAt: Instant
    var isWritable = false
    /// Since when it lags; nil for a client that has just joined.
    var since: Instant?

    /// Whether pending bytes must be sent before anything new.
    var hasPartialWrite: Bool { sent < pending.count || following != nil }
    /// Whether it has taken all pending bytes, and has room for more.
    var isReadyForMore: Bool { isWritable && !hasPartialWrite }
  }
}
