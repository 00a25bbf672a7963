import Primitives
import TestSupport
import Wire

/// Random messages of every type, with values that lean towards the ends of their ranges.
struct RandomMessages {
  var random: SeededGenerator

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func next(from peer: Peer) throws -> Message {
    let types = MessageType.allCases.filter { $0.isSent(by: peer) }
    return try message(types[Int.random(in: types.indices, using: &random)])
  }

  mutating func message(_ type: MessageType) throws -> Message {
    switch type {
    case .hello: .hello(try hello())
    case .interest: .interest(try interest())
    case .report: .report(report())
    case .commandResult:
      .commandResult(CommandResult(id: number(), outcome: pick(), text: text(maximumCount: 1_024)))
    case .query: .query(try query())
    case .ping: .ping(Ping(stamp: number()))
    case .pong: .pong(Pong(stamp: number()))
    case .goAway:
      .goAway(
        GoAway(
          reason: pick(), retryAfterMilliseconds: Int(number() % 3_600_001), text: text(maximumCount: 256)))
    case .welcome: .welcome(try welcome())
    case .snapshot:
      .snapshot(
        Snapshot(
          lineage: Lineage(using: &random), position: number(), isLast: .random(using: &random),
          entries: try totals()))
    case .scores:
      .scores(
        Scores(
          position: number(), hubStampMicroseconds: number(), entries: try totals(),
          untracked: try ids().map { ScoreDelta(id: $0, delta: number()) }))
    case .raw: .raw(RawBatch(firstPosition: number() >> 1, ids: try ids()))
    case .topicEvent: .topicEvent(try topicEvent())
    case .gap: .gap(Gap(skippedRaw: number(), skippedTopicEvents: number()))
    case .feed: .feed(FeedStatus(state: pick(), isAnchored: .random(using: &random)))
    case .command:
      .command(try unwrap(Command(id: number(), verb: pick(), argument: text(maximumCount: 256))))
    case .pastTotals: .pastTotals(try pastTotals())
    case .order: .order(try order())
    case .tweets: .tweets(try tweets())
    case .fenced: .fenced(Fenced(id: number(), outcome: pick()))
    case .ticketKeys: .ticketKeys(ticketKeys())
    }
  }

  private mutating func query() throws -> Query {
    let check = Bool.random(using: &random) ? UInt32(truncatingIfNeeded: number()) : nil
    let token = ResumeToken(lineage: Lineage(using: &random), position: number(), check: check)
    switch Int.random(in: 0...3, using: &random) {
    case 0: return Query(id: number(), .past(token))
    case 1: return Query(id: number(), .order(token))
    case 2: return Query(id: number(), .fence)
    default:
      return Query(id: number(), .tweets(try topicID(), count: Int.random(in: 1...10, using: &random)))
    }
  }

  private mutating func pastTotals() throws -> PastTotals {
    let outcome: QueryOutcome = pick()
    guard outcome == .answered else { return PastTotals(id: number(), outcome: outcome) }
    return PastTotals(id: number(), isLast: .random(using: &random), entries: try totals())
  }

  private mutating func order() throws -> Order {
    let outcome: QueryOutcome = pick()
    guard outcome == .answered else { return Order(id: number(), outcome: outcome) }
    return Order(
      id: number(), isLast: .random(using: &random), firstPosition: number() >> 1, ids: try ids())
  }

  private mutating func tweets() throws -> Tweets {
    let outcome: QueryOutcome = pick()
    guard outcome == .answered else { return Tweets(id: number(), outcome: outcome) }
    let count = Int.random(in: 0...10, using: &random)
    return try Tweets(id: number(), payloads: (0..<count).map { _ in Array(text(maximumCount: 300).utf8) })
  }

  private mutating func ticketKeys() -> SharedTicketKeys {
    SharedTicketKeys(
      (0..<Int.random(in: 1...3, using: &random)).map { _ in
        SharedTicketKeys.Key(
          secret: (0..<80).map { _ in .random(in: 0...255, using: &random) },
          lifetimeSeconds: .random(in: 1...86_400, using: &random))
      })
  }

  private mutating func hello() throws -> Hello {
    let lowest = UInt8.random(in: 1 ... .max, using: &random)
    return Hello(
      versions: lowest...UInt8.random(in: lowest ... .max, using: &random),
      node: try unwrap(NodeName(word("abcdefgh0123456789", maximumCount: 63))),
      softwareVersion: try unwrap(SoftwareVersion(word("0123456789.- ~+", maximumCount: 64))),
      lastLineage: Bool.random(using: &random) ? Lineage(using: &random) : nil, lastPosition: number())
  }

  private mutating func welcome() throws -> Welcome {
    Welcome(
      version: UInt8.random(in: 1 ... .max, using: &random),
      node: try unwrap(NodeName(word("abcdefgh0123456789", maximumCount: 63))),
      softwareVersion: try unwrap(SoftwareVersion(word("0123456789.- ~+", maximumCount: 64))),
      tickIntervalMilliseconds: Int.random(in: Welcome.tickIntervalLimits, using: &random),
      pingIntervalMilliseconds: Int.random(in: Welcome.pingIntervalLimits, using: &random),
      reportIntervalMilliseconds: Int.random(in: Welcome.reportIntervalLimits, using: &random))
  }

  private mutating func interest() throws -> Interest {
    var topics: [Topic] = []
    for _ in 0..<Int.random(in: 0...20, using: &random) {
      switch Int.random(in: 0...5, using: &random) {
      case 0: topics.append(.raw)
      case 1: topics.append(.allDetails)
      case 2: topics.append(.interaction)
      default: topics.append(.details(try topicID()))
      }
    }
    return Interest(pick(), topics)
  }

  private mutating func report() -> Report {
    var report = Report()
    for field in ReportField.allCases where Bool.random(using: &random) { report[field] = number() }
    for histogram in ReportHistogram.allCases where Bool.random(using: &random) {
      // A histogram of only zeros is left out: the first count is at least 1.
      let counts = [number() | 1] + (1..<DurationHistogram.bucketCount).map { _ in number() >> 8 }
      report[histogram] = DurationHistogram(counts: counts, sumMicroseconds: number())
    }
    return report
  }

  private mutating func topicEvent() throws -> TopicEvent {
    let source: TopicEvent.Source =
      Bool.random(using: &random)
      ? .details(try topicID())
      : .interaction(try unwrap(ChannelName(word("stream.interaction._-09", maximumCount: 128))))
    return try TopicEvent(
      stamp: TopicStamp(position: number(), ordinal: number()), source: source,
      payload: Array(text(maximumCount: 300).utf8))
  }

  private mutating func topicID() throws -> TopicID {
    try unwrap(TopicID(word("0123456789ABCDEF-_xyz", maximumCount: 64)))
  }

  private mutating func totals() throws -> [ScoreTotal] {
    try ids().map { ScoreTotal(id: $0, total: number()) }
  }

  private mutating func ids() throws -> [ScoreID] {
    var ids: [ScoreID] = []
    for _ in 0..<Int.random(in: 0...20, using: &random) {
      ids.append(try ScoreID(word("0123456789ABCDEF- \"éß📂", maximumCount: 16)))
    }
    return ids
  }

  /// 1 to `maximumCount` characters.
  private mutating func word(_ characters: String, maximumCount: Int) -> String {
    let choices = Array(characters)
    let count = Int.random(in: 1...maximumCount, using: &random)
    return String((0..<count).map { _ in choices[Int.random(in: choices.indices, using: &random)] })
  }

  private mutating func text(maximumCount: Int) -> String {
    if Bool.random(using: &random) { return "" }
    return word("abc \n\r\0{}\"éß📂", maximumCount: maximumCount / 4)
  }

  private mutating func number() -> UInt64 { random.next() >> UInt64.random(in: 0...63, using: &random) }

  private mutating func pick<Choice: CaseIterable>() -> Choice where Choice.AllCases == [Choice] {
    Choice.allCases[Int.random(in: Choice.allCases.indices, using: &random)]
  }

  private func unwrap<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Invalid() }
    return value
  }

  /// The generator made a value that the type refuses: an error in the generator.
  private struct Invalid: Error {}
}
