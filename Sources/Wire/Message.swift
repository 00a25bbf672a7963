import Primitives

/// Every message between a hub and an edge.
package enum Message: Equatable, Sendable {
  // From an edge to its hub.
  case hello(Hello)
  case interest(Interest)
  case report(Report)
  case commandResult(CommandResult)
  case query(Query)
  // Both ways.
  case ping(Ping)
  case pong(Pong)
  case goAway(GoAway)
  // From a hub to its edges.
  case welcome(Welcome)
  case snapshot(Snapshot)
  case scores(Scores)
  case raw(RawBatch)
  case topicEvent(TopicEvent)
  case gap(Gap)
  case feed(FeedStatus)
  case command(Command)
  case pastTotals(PastTotals)
  case order(Order)
  case tweets(Tweets)
  case fenced(Fenced)
  case ticketKeys(SharedTicketKeys)
}

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
  case ticketKeys = 0x2c
}

extension Message {
  /// The type in the frame.
  package var type: MessageType { Swift.type(of: payload).type }

  /// Appends the whole frame: its length, its type and its payload.
  package func encode(into writer: inout ByteWriter) {
    let payload = payload
    let start = writer.count
    writer.write(UInt32(0))
    writer.write(Swift.type(of: payload).type.rawValue)
    payload.write(to: &writer)
    writer.overwrite(UInt32(writer.count - start - 4), at: start)
  }

  /// Reads the payload of a frame, to its end.
  init(_ type: MessageType, _ bytes: ByteReader) throws(WireError) {
    var reader = PayloadReader(type, bytes)
    self =
      switch type {
      case .hello: .hello(try Hello(from: &reader))
      case .interest: .interest(try Interest(from: &reader))
      case .report: .report(try Report(from: &reader))
      case .commandResult: .commandResult(try CommandResult(from: &reader))
      case .query: .query(try Query(from: &reader))
      case .ping: .ping(try Ping(from: &reader))
      case .pong: .pong(try Pong(from: &reader))
      case .goAway: .goAway(try GoAway(from: &reader))
      case .welcome: .welcome(try Welcome(from: &reader))
      case .snapshot: .snapshot(try Snapshot(from: &reader))
      case .scores: .scores(try Scores(from: &reader))
      case .raw: .raw(try RawBatch(from: &reader))
      case .topicEvent: .topicEvent(try TopicEvent(from: &reader))
      case .gap: .gap(try Gap(from: &reader))
      case .feed: .feed(try FeedStatus(from: &reader))
      case .command: .command(try Command(from: &reader))
      case .pastTotals: .pastTotals(try PastTotals(from: &reader))
      case .order: .order(try Order(from: &reader))
      case .tweets: .tweets(try Tweets(from: &reader))
      case .fenced: .fenced(try Fenced(from: &reader))
      case .ticketKeys: .ticketKeys(try SharedTicketKeys(from: &reader))
      }
    try reader.finish()
  }

  private var payload: any Payload {
    switch self {
    case .hello(let hello): hello
    case .interest(let interest): interest
    case .report(let report): report
    case .commandResult(let result): result
    case .query(let query): query
    case .ping(let ping): ping
    case .pong(let pong): pong
    case .goAway(let goAway): goAway
    case .welcome(let welcome): welcome
    case .snapshot(let snapshot): snapshot
    case .scores(let scores): scores
    case .raw(let batch): batch
    case .topicEvent(let event): event
    case .gap(let gap): gap
    case .feed(let status): status
    case .command(let command): command
    case .pastTotals(let totals): totals
    case .order(let order): order
    case .tweets(let tweets): tweets
    case .fenced(let fenced): fenced
    case .ticketKeys(let keys): keys
    }
  }
}

extension MessageType {
  /// True if this side may send the message.
  package func isSent(by peer: Peer) -> Bool { payload.sender.map { $0 == peer } ?? true }

  /// The greatest length of such a frame, in bytes: its type and its longest payload.
  package var maximumLength: Int { payload.maximumLength }

  private var payload: any Payload.Type {
    switch self {
    case .hello: Hello.self
    case .interest: Interest.self
    case .report: Report.self
    case .commandResult: CommandResult.self
    case .query: Query.self
    case .ping: Ping.self
    case .pong: Pong.self
    case .goAway: GoAway.self
    case .welcome: Welcome.self
    case .snapshot: Snapshot.self
    case .scores: Scores.self
    case .raw: RawBatch.self
    case .topicEvent: TopicEvent.self
    case .gap: Gap.self
    case .feed: FeedStatus.self
    case .command: Command.self
    case .pastTotals: PastTotals.self
    case .order: Order.self
    case .tweets: Tweets.self
    case .fenced: Fenced.self
    case .ticketKeys: SharedTicketKeys.self
    }
  }
}
