/// The type of a message: the second field of a frame.
///
/// The numbers are part of the protocol: new ones are added, retired ones are never used again.
package enum MessageType: UInt8, Sendable, CaseIterable {
  case hello = 0x01
  case interest = 0x02
  case report = 0x03
  case commandResult = 0x04
  case query = 0x05

  case ping = 0x10
  case pong = 0x11
  case goAway = 0x12

  case welcome = 0x20
  case snapshot = 0x21
  case scores = 0x22
  case raw = 0x23
  case topicEvent = 0x24
  case gap = 0x25
  case feed = 0x26
  case command = 0x27
  case pastTotals = 0x28
  case order = 0x29
  case tweets = 0x2a
  case fenced = 0x2b

  /// True if this side may send the message.
  package func isSent(by peer: Peer) -> Bool {
    switch self {
    case .hello, .interest, .report, .commandResult, .query: peer == .edge
    case .ping, .pong, .goAway: true
    case .welcome, .snapshot, .scores, .raw, .topicEvent, .gap, .feed, .command, .pastTotals, .order, .tweets,
      .fenced:
      peer == .hub
    }
  }

  /// The greatest length of such a frame, in bytes: its type and its longest payload.
  ///
  /// A varint takes 1 byte up to 127, 2 up to 16,383, 3 up to 2,097,151, and 10 at most.
  package var maximumLength: Int {
    let items = RelayProtocol.maximumItemsPerMessage
    return switch self {
    case .hello: 1 + 4 + 1 + 1 + (1 + 63) + (1 + 64) + (1 + 64) + 10
    case .interest: 1 + 1 + 2 + items * (1 + 1 + 64)
    case .report: 1 + 1 + Report.maximumCount * (1 + 10)
    case .commandResult: 1 + 10 + 1 + (3 + CommandResult.maximumTextCount)
    case .query: 1 + 10 + 1 + (1 + 64) + 10 + 4
    case .ping, .pong: 1 + 8
    case .goAway: 1 + 1 + 4 + (2 + GoAway.maximumTextCount)
    case .welcome: 1 + 1 + (1 + 63) + (1 + 64) + 2 + 3 + 3
    case .snapshot: 1 + (1 + 64) + 10 + 1 + 2 + items * (1 + 64 + 10)
    case .scores: 1 + 10 + 8 + 2 + items * (1 + 64 + 10) + 2
    case .raw: 1 + 10 + 2 + items * (1 + 64)
    case .topicEvent: 1 + 10 + 10 + 1 + (2 + 128) + (3 + TopicEvent.maximumPayloadCount)
    case .gap: 1 + 10 + 10
    case .feed: 1 + 1 + 1
    case .command: 1 + 10 + 1 + (2 + Command.maximumArgumentCount)
    case .pastTotals: 1 + 10 + 1 + 1 + 2 + items * (1 + 64 + 10)
    case .order: 1 + 10 + 1 + 1 + 10 + 2 + items * (1 + 64)
    case .fenced: 1 + 10 + 1
    case .tweets: 1 + 10 + 1 + 1 + Tweets.maximumCount * (3 + TopicEvent.maximumPayloadCount)
    }
  }
}
