import Primitives

/// Whether the hub hears from Redis at present.
package struct FeedStatus: Equatable, Sendable {
  /// The states of a hub's feed.
  package enum State: UInt8, Sendable, CaseIterable {
    /// Messages from Redis arrive.
    case live = 1
    /// Nothing arrives: the connection is down or silent.
    case interrupted = 2
  }

  /// The state.
  package let state: State
  /// True if positions and totals are those of Redis; false if the hub counts for itself from its own start.
  package let isAnchored: Bool

  /// The status to send.
  package init(state: State, isAnchored: Bool) {
    self.state = state
    self.isAnchored = isAnchored
  }
}

extension FeedStatus: Payload {
  static let type = MessageType.feed
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 1 + 1 }

  init(from reader: inout PayloadReader) throws(WireError) {
    state = try reader.choice(.state)
    isAnchored = try reader.flag(.isAnchored)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(state.rawValue)
    writer.write(isAnchored ? 1 : 0 as UInt8)
  }
}
