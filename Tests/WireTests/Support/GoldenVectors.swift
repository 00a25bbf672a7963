import Primitives
import Testing
import Wire

/// A message and its exact encoding, which `PROTOCOL.md` shows under the same name.
struct GoldenVector: Sendable, CustomTestStringConvertible {
  let name: String
  let message: Message
  let hexadecimal: String

  init(_ name: String, _ message: Message, _ hexadecimal: String) {
    self.name = name
    self.message = message
    self.hexadecimal = hexadecimal
  }

  var testDescription: String { name }

  func bytes() throws -> [UInt8] { try #require(decoded(hexadecimal: hexadecimal)) }

  /// All vectors. An error here is an error in this list, and fails every test that uses it.
  static func all() throws -> [GoldenVector] { try fromEdge() + fromBoth() + fromHub() }

  static func fromEdge() throws -> [GoldenVector] {
    var report = Report()
    report[.uptimeSeconds] = 86_400
    report[.workers] = 2
    report[.clientsEPS] = 0
    report[.memoryBytes] = 12_582_912
    let folder = try #require(TopicID("1F4C2"))
    let token = ResumeToken(lineage: try #require(Lineage("00c0ffee00c0ffee")), position: 300)
    let checked = ResumeToken(lineage: token.lineage, position: 300, check: 0x00c0_ffee)
    let flag = try #require(TopicID("1F1EF-1F1F5"))
    return [
      GoldenVector(
        "hello",
        .hello(
          Hello(
            versions: 1...1, node: try #require(NodeName("edge-1.example")),
            softwareVersion: try #require(SoftwareVersion("0.1.0")),
            lastLineage: Lineage("00c0ffee00c0ffee"), lastPosition: 300)),
        "0000002f01454d545201010e656467652d312e6578616d706c6505302e312e301030306330666665653030633066666565ac02"
      ),
      GoldenVector(
        "hello-of-a-new-edge",
        .hello(
          Hello(
            versions: 1...2, node: try #require(NodeName("e2")),
            softwareVersion: try #require(SoftwareVersion("0.2.0")))),
        "0000001201454d5452010202653205302e322e300000"),
      GoldenVector(
        "interest-replace",
        .interest(Interest(.replace, [.raw, .details(folder), .allDetails, .interaction])),
        "0000000d02010401020531463443320304"),
      GoldenVector(
        "interest-remove", .interest(Interest(.remove, [.details(flag)])),
        "00000010020301020b31463145462d3146314635"),
      GoldenVector("interest-in-nothing", .interest(Interest(.replace, [])), "00000003020100"),
      GoldenVector("report", .report(report), "0000000f03040180a305020204000f80808006"),
      GoldenVector(
        "command-result", .commandResult(CommandResult(id: 7, outcome: .refused, text: "no level \"loud\"")),
        "000000130407020f6e6f206c6576656c20226c6f756422"),
      GoldenVector(
        "query-past", .query(Query(id: 8, .past(token))),
        "000000160508011030306330666665653030633066666565ac02"),
      GoldenVector(
        "query-order", .query(Query(id: 9, .order(token))),
        "000000160509021030306330666665653030633066666565ac02"),
      GoldenVector(
        "query-tweets", .query(Query(id: 10, .tweets(folder, count: 5))), "0000000a050a0305314634433205"),
      GoldenVector("query-fence", .query(Query(id: 11, .fence)), "00000003050b04"),
      GoldenVector(
        "query-checked-past", .query(Query(id: 12, .past(checked))),
        "0000001a050c051030306330666665653030633066666565ac0200c0ffee"),
      GoldenVector(
        "query-checked-order", .query(Query(id: 13, .order(checked))),
        "0000001a050d061030306330666665653030633066666565ac0200c0ffee"),
    ]
  }

  static func fromBoth() throws -> [GoldenVector] {
    [
      GoldenVector("ping", .ping(Ping(stamp: 1_234_567_890_123_456_789)), "0000000910112210f47de98115"),
      GoldenVector("pong", .pong(Pong(stamp: 1_234_567_890_123_456_789)), "0000000911112210f47de98115"),
      GoldenVector(
        "go-away", .goAway(GoAway(reason: .shutdown, retryAfterMilliseconds: 1_500, text: "drain")),
        "0000000a1201dc0b05647261696e"),
    ]
  }

  static func fromHub() throws -> [GoldenVector] {
    let folder = try ScoreID("1F4C2")
    let heart = try ScoreID("2665")
    let lineage = try #require(Lineage("00c0ffee00c0ffee"))
    let channel = try #require(ChannelName("stream.interaction.request"))
    return [
      GoldenVector(
        "welcome",
        .welcome(
          Welcome(
            version: 1, node: try #require(NodeName("hub.example")),
            softwareVersion: try #require(SoftwareVersion("0.1.0")),
            tickIntervalMilliseconds: 17, pingIntervalMilliseconds: 1_000, reportIntervalMilliseconds: 5_000)),
        "0000001920010b6875622e6578616d706c6505302e312e3011e8078827"),
      GoldenVector(
        "snapshot-first-part",
        .snapshot(
          Snapshot(
            lineage: lineage, position: 300, isLast: false,
            entries: [ScoreTotal(id: folder, total: 172), ScoreTotal(id: heart, total: 100)])),
        "00000024211030306330666665653030633066666565ac020002053146344332ac01043236363564"),
      GoldenVector(
        "snapshot-last-part",
        .snapshot(
          Snapshot(
            lineage: lineage, position: 300, isLast: true,
            entries: [ScoreTotal(id: try ScoreID("1F1EF-1F1F5"), total: 28)])),
        "00000023211030306330666665653030633066666565ac0201010b31463145462d31463146351c"),
      GoldenVector(
        "scores",
        .scores(
          Scores(
            position: 303, hubStampMicroseconds: 1_700_000_000_123_456,
            entries: [ScoreTotal(id: folder, total: 174), ScoreTotal(id: heart, total: 101)])),
        "0000001b22af0200060a241820224002053146344332ae0104323636356500"),
      GoldenVector(
        "scores-with-untracked",
        .scores(
          Scores(
            position: 305, hubStampMicroseconds: 1_700_000_000_140_456,
            entries: [ScoreTotal(id: heart, total: 102)],
            untracked: [ScoreDelta(id: try ScoreID("é"), delta: 1)])),
        "0000001722b10200060a24182064a8010432363635660102c3a901"),
      GoldenVector(
        "raw", .raw(RawBatch(firstPosition: 301, ids: [folder, heart, folder])),
        "0000001523ad02030531463443320432363635053146344332"),
      GoldenVector(
        "topic-event-details",
        .topicEvent(
          try TopicEvent(
            stamp: TopicStamp(position: 302, ordinal: 0), source: .details(try #require(TopicID("1F4C2"))),
            payload: Array("{\"text\":\"📂\"}".utf8))),
        "0000001b24ae0200010531463443320f7b2274657874223a22f09f9382227d"),
      GoldenVector(
        "topic-event-interaction",
        .topicEvent(
          try TopicEvent(
            stamp: TopicStamp(position: 302, ordinal: 1), source: .interaction(channel), payload: [])),
        "0000002124ae0201021a73747265616d2e696e746572616374696f6e2e7265717565737400"),
      GoldenVector("gap", .gap(Gap(skippedRaw: 130, skippedTopicEvents: 2)), "0000000425820102"),
      GoldenVector("feed", .feed(FeedStatus(state: .live, isAnchored: true)), "00000003260101"),
      GoldenVector(
        "command", .command(try #require(Command(id: 7, verb: .setLogLevel, argument: "level=debug"))),
        "0000000f2707040b6c6576656c3d6465627567"),
      GoldenVector(
        "past-totals",
        .pastTotals(
          PastTotals(
            id: 8, isLast: true,
            entries: [ScoreTotal(id: folder, total: 172), ScoreTotal(id: heart, total: 100)])),
        "000000132808010102053146344332ac01043236363564"),
      GoldenVector(
        "past-totals-unknown", .pastTotals(PastTotals(id: 8, outcome: .unknown)), "000000052808020100"),
      GoldenVector(
        "order", .order(Order(id: 9, isLast: true, firstPosition: 301, ids: [folder, heart])),
        "0000001229090101ad0202053146344332" + "0432363635"),
      GoldenVector(
        "tweets", .tweets(try Tweets(id: 10, payloads: [Array("\"a\"".utf8), Array("\"📂\"".utf8)])),
        "0000000f2a0a0102032261220622f09f938222"),
      GoldenVector(
        "tweets-unavailable", .tweets(Tweets(id: 10, outcome: .unavailable)), "000000042a0a0300"),
      GoldenVector("fenced", .fenced(Fenced(id: 11)), "000000032b0b01"),
      GoldenVector(
        "ticket-keys",
        .ticketKeys(
          SharedTicketKeys([
            .init(secret: [UInt8](repeating: 0x11, count: 80), lifetimeSeconds: 10_860),
            .init(secret: [UInt8](repeating: 0x22, count: 80), lifetimeSeconds: 7_244),
          ])),
        "000000a62c02" + String(repeating: "11", count: 80) + "ec54" + String(repeating: "22", count: 80)
          + "cc38"),
    ]
  }
}
