import HTTP
import Primitives
import TestSupport
import Wire

@testable import EdgeCore

/// An edge with links to two hubs, and clients of each kind.
///
/// A ping chooses what happens next, so that an input can do more than send: its stamp's lowest bit is the hub that sends the
/// following messages, and the bits from 8 to 23 are milliseconds that pass.
private struct EdgeSide {
  private var stream = EdgeStream(hubCount: 2, interestLinger: .seconds(10))
  private var tickets = TicketKeyRing("own", now: .origin)
  private var links: [HubLink]
  private var now = Instant.origin.advanced(by: .seconds(100))
  private var hub = 0
  private var isFresh = [false, false]
  private var random = SeededGenerator(seed: 1)

  init(node: NodeName, version: SoftwareVersion, topic: TopicID, token: ResumeToken) throws {
    links = [Int](0..<2).map { _ in HubLink(node: node, softwareVersion: version, now: .origin) }
    for hub in 0..<2 { open(hub) }
    let wishes: [(StreamKind, StreamOptions, ResumePoint)] = [
      (.eps(.full), .none, .beginning), (.raw, .none, .beginning), (.allDetails, .none, .beginning),
      (.interaction, .none, .beginning),
      (StreamKind.eps(.full).identified, StreamOptions(isResumable: true, hasSnapshot: true), .beginning),
      (StreamKind.eps(.full).identified, StreamOptions(isResumable: true), .token(token)),
      (.identifiedRaw, StreamOptions(isResumable: true), .token(token)),
      (.details(topic), StreamOptions(backfill: 3), .beginning),
    ]
    for (slot, (kind, options, point)) in wishes.enumerated() {
      try perform(stream.clientJoined(kind))
      guard options != .none else { continue }
      let client = OpeningClient(worker: 0, ClientID(slot: Int32(slot), generation: 0))
      try perform(stream.requested(client, Subscription(kind, options: options, from: point), now: now))
    }
  }

  private mutating func open(_ hub: Int) {
    if case .connect = links[hub].timerTriggered(now: now) {
      _ = links[hub].connectionOpened(lineage: stream.lineage, position: 0, now: now)
    }
  }

  mutating func receive(_ message: Message) throws {
    switch links[hub].messageReceived(message, now: now) {
    case .none, .perform: break
    case .reply(let pong): try LinkFrames.checkEncoding(of: [.pong(pong)], from: .edge)
    case .begin:
      let link = links[hub]
      try perform(
        stream.linkOpened(to: hub, version: link.version, tickInterval: link.tickInterval, now: now))
    case .confirmInterest: stream.interestConfirmed(by: hub)
    case .deliver: try perform(stream.received(message, from: hub, now: now))
    case .takeTicketKeys(let shared):
      let keys = shared.keys.map {
        (name: Array($0.secret.prefix(16)), lifetime: Duration.seconds($0.lifetimeSeconds))
      }
      tickets.told(keys, by: hub, now: now) { "hub \(hub), key \($0)" }
      _ = tickets.timePassed(now: now) { "own" }
      // Own ones are at most three, and of each hub as many as the ring allows.
      try demand(
        tickets.keys(at: now).count <= 3 + 2 * TicketKeyRing<String>.keysPerHub, "too many ticket keys")
    case .disconnect:
      try perform(stream.linkClosed(to: hub, now: now))
      now = now.advanced(by: links[hub].connectionClosed(now: now, random: &random))
      open(hub)
    }
    try updateFreshness(of: hub)
    guard case .ping(let ping) = message else { return }
    try pass(.milliseconds(Int64(ping.stamp >> 8 & 0xffff)))
    hub = Int(ping.stamp & 1)
  }

  /// Time passes, and a turn ends.
  mutating func pass(_ duration: Duration) throws {
    now = now.advanced(by: duration)
    for hub in 0..<2 { try updateFreshness(of: hub) }
    try perform(stream.turnEnded(now: now))
    if let deadline = stream.paceDeadline, deadline <= now {
      try perform(stream.paceTimerTriggered(now: now))
    }
    try perform(stream.timePassed(now: now))
  }

  private mutating func updateFreshness(of hub: Int) throws {
    guard links[hub].isFresh(at: now) != isFresh[hub] else { return }
    isFresh[hub].toggle()
    try perform(stream.freshnessChanged(of: hub, to: isFresh[hub], now: now))
  }

  private mutating func perform(_ actions: [EdgeStream.Action]) throws {
    for action in actions {
      switch action {
      case .update(let updates, _), .updateEvents(let updates, _):
        for update in updates { try check(update.entry.bytes, of: update.kind) }
      case .open(_, let bytes): try check(bytes, of: nil)
      case .send(let message, _): try LinkFrames.checkEncoding(of: [message], from: .edge)
      case .sendInterest(let interest, let hub):
        try LinkFrames.checkEncoding(of: interest.map { .interest($0) }, from: .edge)
        _ = links[hub].interestSent(now: now)
      case .admit, .endTurn, .leaveLineage: break
      }
    }
  }

  /// Nothing that a hub sends makes a line of its own for a client. Scores are JSON.
  private func check(_ bytes: [UInt8], of kind: StreamKind?) throws {
    let text = { String(decoding: bytes, as: UTF8.self).debugDescription }
    try demand(!bytes.contains(13) && !bytes.contains(0), "a CR or a NUL is sent: \(text())")
    try demand(bytes.isEmpty || bytes.last == 10, "a line is not complete: \(text())")
    for line in bytes.split(separator: 10) {
      let name = line.prefix { $0 != UInt8(ascii: ":") }
      try demand(
        ["", "data", "event", "id", "retry"].contains { name.elementsEqual($0.utf8) }
          && name.count < line.count,
        "a foreign line is sent: \(text())")
      guard case .eps = kind, name.elementsEqual("data".utf8) else { continue }
      try demand(readScores(Array(line.dropFirst(5))) != nil, "no scores: \(text())")
    }
  }
}

extension FuzzTarget {
  /// The frames, then the edge's side of two links with what depends on it: merge, totals, questions, openings, events.
  static let fromHubs = FuzzTarget(
    name: "from-hubs", subject: "what an edge receives from its hubs", sizeMaximum: 4_000,
    seeds: fromHubsSeeds
  ) { bytes in
    let messages = try LinkFrames.checked(bytes, from: .hub)
    guard let node = NodeName("edge-1"), let version = SoftwareVersion("1"), let topic = TopicID("1F4C2"),
      let token = ResumeToken("00c0ffee00c0ffee:300".utf8)
    else { throw Finding("a name") }
    var edge = try EdgeSide(node: node, version: version, topic: topic, token: token)
    for message in messages { try edge.receive(message) }
    for milliseconds: Int64 in [1, 20, 3_000, 30_000] { try edge.pass(.milliseconds(milliseconds)) }
  }

  @Sendable private static func fromHubsSeeds() throws -> [[UInt8]] {
    let streams = try ProtocolExamples.streams(beginningWith: "welcome") {
      MessageType(rawValue: $0)?.isSent(by: .hub) == true
    }
    // The whole beginning of a link, and the same from the other hub.
    let all = try ProtocolExamples.all()
    let names = [
      "welcome", "feed", "snapshot-first-part", "snapshot-last-part", "scores", "raw", "topic-event-details",
    ]
    let beginning = names.flatMap { name in all.first { $0.name == name }?.bytes ?? [] }
    func ping(_ stamp: UInt64) -> [UInt8] { LinkFrames.encoded([.ping(Ping(stamp: stamp))]) }
    return streams + [
      beginning + LinkFrames.encoded(try greatest()) + ping(40 << 8),
      beginning + ping(1) + beginning + LinkFrames.encoded(try greatest()) + ping(20_000 << 8),
      beginning, beginning + ping(20 << 8 | 1) + beginning + ping(40 << 8),
      beginning + ping(20_000 << 8) + beginning,
    ]
  }

  /// Messages with the greatest numbers, twice, so that no two of them have a sum.
  private static func greatest() throws -> [Message] {
    let (cat, heart) = (try ScoreID("1F431"), try ScoreID("2665"))
    guard let lineage = Lineage("00c0ffee00c0ffee"), let topic = TopicID("1F4C2") else {
      throw Finding("a name")
    }
    let totals = [ScoreTotal(id: cat, total: .max), ScoreTotal(id: heart, total: .max - 1)]
    let event = try TopicEvent(
      stamp: TopicStamp(position: .max, ordinal: .max), source: .details(topic), payload: Array("{}".utf8))
    let once: [Message] = [
      .gap(Gap(skippedRaw: .max, skippedTopicEvents: .max)),
      .scores(
        Scores(
          position: .max, hubStampMicroseconds: .max, entries: totals,
          untracked: [ScoreDelta(id: try ScoreID("x"), delta: .max)])),
      .raw(RawBatch(firstPosition: .max - 1, ids: [cat])), .topicEvent(event),
      .snapshot(Snapshot(lineage: lineage, position: .max, isLast: true, entries: totals)),
      .pong(Pong(stamp: .max)),
    ]
    return once + once
  }
}
