import EdgeCore
import Primitives
import Testing
import Wire

struct OpeningResolverTests {
  private let resume = StreamOptions(isResumable: true)
  private let both = StreamOptions(isResumable: true, hasSnapshot: true)
  private let reset = "event:reset\ndata:{\"reason\":\"unknown_position\"}\n\n"

  /// The event that gives a client its place, and nothing else.
  private func position(_ number: Int) -> String { "id:L:\(number)\nevent:position\ndata:{}\n\n" }

  /// The event that tells a client that its place is unknown, and gives it the present one.
  private func reset(at number: Int) -> String { "id:L:\(number)\n\(reset)" }
  private let lineage: Lineage

  init() throws { lineage = try #require(Lineage("L")) }

  private func token(_ position: Position, _ name: String = "L") throws -> ResumePoint {
    .token(ResumeToken(lineage: try #require(Lineage(name)), position: position))
  }

  private func scores(_ position: Position, _ total: UInt64) throws -> Message {
    .scores(
      Scores(
        position: position, hubStampMicroseconds: 0, entries: [ScoreTotal(id: try id("A"), total: total)]))
  }

  private func raw(_ position: Position, _ names: [String]) throws -> Message {
    .raw(RawBatch(firstPosition: position, ids: try names.map(id)))
  }

  /// An edge that began at position 100 with A at 60 and B at 40, and received A at 103.
  private func edge() throws -> ModelEdge {
    var edge = ModelEdge()
    let entries = [ScoreTotal(id: try id("A"), total: 60), ScoreTotal(id: try id("B"), total: 40)]
    edge.renderer.take(
      .snapshot(Snapshot(lineage: lineage, position: 100, isLast: true, entries: entries)))
    edge.renderer.take(try scores(103, 63))
    _ = edge.turn()
    return edge
  }

  private func opening(
    _ kind: StreamKind, _ options: StreamOptions, _ point: ResumePoint, of edge: inout ModelEdge
  ) -> [OpeningResolver.Action] {
    edge.request(1, kind, options, point)
    return edge.turn().actions
  }

  private func text(_ actions: [OpeningResolver.Action]) -> [String] {
    actions.compactMap { $0.opened?.text }
  }

  @Test("A new client is sent its place")
  func beginning() throws {
    var edge = try edge()
    #expect(text(opening(.identifiedEPS(.full), resume, .beginning, of: &edge)) == [position(103)])
    #expect(edge.resolver.deadline == nil)
  }

  @Test("A snapshot has all totals that clients were sent, and the place")
  func snapshot() throws {
    var edge = try edge()
    edge.renderer.take(try scores(105, 65))
    #expect(
      text(edge.resolver.updatesMerged(into: &edge.renderer, now: edge.now)) == [],
      "nobody asked")
    edge.request(1, .identifiedEPS(.full), StreamOptions(hasSnapshot: true), .beginning)
    let early = edge.resolver.updatesMerged(into: &edge.renderer, now: edge.now)
    #expect(text(early) == ["id:L:103\nevent:snapshot\ndata:{\"A\":63,\"B\":40}\n\n"])
    _ = edge.turn()
    let late = opening(.identifiedEPS(.full), StreamOptions(hasSnapshot: true), .beginning, of: &edge)
    #expect(text(late) == ["id:L:105\nevent:snapshot\ndata:{\"A\":65,\"B\":40}\n\n"])
  }

  @Test("A returning client gets the growth in one event, or only the place without growth")
  func resumed() throws {
    var edge = try edge()
    edge.renderer.take(try scores(104, 64))
    _ = edge.turn()
    #expect(
      text(opening(.identifiedEPS(.full), resume, try token(100), of: &edge))
        == ["id:L:104\ndata:{\"A\":4}\n\n"])
    #expect(
      text(opening(.identifiedEPS(.full), both, try token(103), of: &edge)) == [
        "id:L:104\ndata:{\"A\":1}\n\n"
      ])
    #expect(text(opening(.identifiedEPS(.full), both, try token(104), of: &edge)) == [position(104)])
  }

  @Test("A token that no edge ever sent is unknown at once; the snapshot follows if it was requested")
  func unreadable() throws {
    var edge = try edge()
    #expect(
      text(opening(.identifiedEPS(.full), resume, .unreadable, of: &edge)) == [reset(at: 103)])
    #expect(
      text(opening(.identifiedEPS(.full), both, .unreadable, of: &edge))
        == [reset + "id:L:103\nevent:snapshot\ndata:{\"A\":63,\"B\":40}\n\n"])
    #expect(text(opening(.identifiedRaw, resume, .unreadable, of: &edge)) == [reset(at: 103)])
  }

  @Test(
    "A past place that the edge does not know is queried once, and the answer serves all clients, later too"
  )
  func past() throws {
    var edge = try edge()
    for slot in Int32(1)...3 { edge.request(slot, .identifiedEPS(.full), resume, try token(97)) }
    let asked = edge.turn().actions
    #expect(asked.map(\.query) == [Query(id: 1, .past(ResumeToken(lineage: lineage, position: 97)))])
    edge.request(4, .identifiedEPS(.full), both, try token(97))
    #expect(edge.turn().actions.isEmpty)
    let entries = [ScoreTotal(id: try id("A"), total: 59), ScoreTotal(id: try id("B"), total: 38)]
    for (index, entry) in entries.enumerated() {
      let part = Message.pastTotals(PastTotals(id: 1, isLast: index == 1, entries: [entry]))
      #expect(edge.answer(part).isEmpty)
    }
    let opened = edge.turn().actions.compactMap(\.opened)
    #expect(opened.flatMap(\.slots).sorted() == [1, 2, 3, 4])
    for (_, text) in opened { #expect(try sums(in: Array(text.utf8)) == ["A": 4, "B": 2]) }
    edge.renderer.take(try scores(110, 70))
    _ = edge.turn()
    let later = text(opening(.identifiedEPS(.full), resume, try token(97), of: &edge))
    #expect(try sums(in: Array(later[0].utf8)) == ["A": 11, "B": 2])
    #expect(later[0].hasPrefix("id:L:110\n"))
  }

  @Test("A place that the hub does not know either is unknown")
  func denied() throws {
    var edge = try edge()
    for (point, kind) in [
      (try token(5), StreamKind.identifiedEPS(.full)), (try token(5, "M"), .identifiedEPS(.full)),
    ] {
      let id = try #require(opening(kind, resume, point, of: &edge).first?.query?.id)
      _ = edge.answer(.pastTotals(PastTotals(id: id, outcome: .unknown)))
      #expect(text(edge.turn().actions) == [reset(at: 103)])
    }
    let id = try #require(opening(.identifiedRaw, resume, try token(5), of: &edge).first?.query?.id)
    _ = edge.answer(.order(Order(id: id, outcome: .unknown)))
    #expect(text(edge.turn().actions) == [reset(at: 103)])
  }

  @Test("A place that is not reached yet is awaited for two seconds, and then queried")
  func ahead() throws {
    var edge = try edge()
    #expect(opening(.identifiedEPS(.full), resume, try token(106), of: &edge).isEmpty)
    edge.now = moment(1_900)
    #expect(edge.turn().actions.isEmpty)
    edge.renderer.take(try scores(106, 66))
    #expect(text(edge.turn().actions) == [position(106)])
    #expect(opening(.identifiedEPS(.full), resume, try token(900), of: &edge).isEmpty)
    edge.now = moment(3_899)
    #expect(edge.turn().actions.isEmpty)
    edge.now = moment(3_900)
    #expect(edge.turn().actions.first?.query?.question == .past(ResumeToken(lineage: lineage, position: 900)))
  }

  @Test("A client that hangs up each second, and returns with the same place, has waited all the time")
  func hangingUp() throws {
    var edge = try edge()
    func opening(_ position: Position, at milliseconds: Int64) throws -> [OpeningResolver.Action] {
      edge.now = moment(milliseconds)
      defer { edge.resolver.withdrawn(OpeningClient(worker: 0, ClientID(slot: 1, generation: 0))) }
      return self.opening(.identifiedEPS(.full), resume, try token(position), of: &edge)
    }
    #expect(try opening(900, at: 0).isEmpty)
    #expect(try opening(900, at: 1_000).isEmpty)
    let asked = try opening(900, at: 2_100)
    #expect(asked.first?.query?.question == .past(ResumeToken(lineage: lineage, position: 900)))
    #expect(try opening(901, at: 2_200).isEmpty)
    #expect(try opening(901, at: 12_300).isEmpty, "what was long ago does not count")
  }

  @Test("A hub that cannot answer at present is asked again, and after five seconds the place is unknown")
  func unavailable() throws {
    var edge = try edge()
    var id = try #require(opening(.identifiedEPS(.full), resume, try token(5), of: &edge).first?.query?.id)
    edge.resolver.unanswered(id, now: edge.now)
    edge.now = moment(199)
    #expect(edge.turn().actions.isEmpty)
    edge.now = moment(200)
    id = try #require(edge.turn().actions.first?.query?.id)
    let answer = Message.pastTotals(PastTotals(id: id, outcome: .unavailable))
    _ = edge.answer(answer)
    edge.now = moment(400)
    id = try #require(edge.turn().actions.first?.query?.id)
    edge.resolver.unanswered(id, now: edge.now)
    edge.now = moment(5_000)
    #expect(text(edge.turn().actions) == [reset(at: 103)])
    #expect(edge.resolver.deadline == nil)
  }

  @Test("A hub that does not answer delays no client for more than five seconds")
  func silent() throws {
    var edge = try edge()
    #expect(opening(.identifiedEPS(.full), resume, try token(5), of: &edge).count == 1)
    edge.now = moment(5_000)
    #expect(text(edge.turn().actions) == [reset(at: 103)])
  }

  @Test(
    "Without totals a client waits for them, is admitted after five seconds, and begins with them"
  )
  func noTotals() throws {
    var edge = ModelEdge()
    #expect(opening(.identifiedEPS(.full), both, .beginning, of: &edge).isEmpty)
    #expect(edge.resolver.deadline == moment(5_000))
    edge.now = moment(4_999)
    #expect(edge.turn().actions.isEmpty)
    edge.now = moment(5_000)
    #expect(edge.turn().actions == [.admit([OpeningClient(worker: 0, ClientID(slot: 1, generation: 0))])])
    #expect(edge.resolver.deadline == nil && !edge.resolver.isIdle)
    #expect(edge.turn().actions.isEmpty, "once is enough")
    edge.now = moment(99_000)
    edge.request(2, .identifiedEPS(.full), both, .beginning)
    #expect(edge.turn().actions.map(\.admitted) == [[2]], "who joins those that have waited need not wait")
    edge.renderer.take(.snapshot(Snapshot(lineage: lineage, position: 0, isLast: true, entries: [])))
    #expect(text(edge.turn().actions) == ["id:L:0\nevent:snapshot\ndata:{}\n\n"])
    #expect(edge.resolver.isIdle)
  }

  @Test(
    "A place from before there were totals is judged when they arrive, as if it were named then")
  func judgedLater() throws {
    var edge = ModelEdge()
    for (slot, point) in [(Int32(1), try token(5)), (2, try token(5, "K")), (3, try token(104))] {
      edge.request(slot, .identifiedEPS(.full), resume, point)
    }
    edge.request(4, .identifiedRaw, resume, try token(5))
    _ = edge.turn()
    edge.now = moment(60_000)
    #expect(edge.turn().actions.flatMap { $0.admitted ?? [] }.sorted() == [1, 2, 3, 4])
    let entries = [ScoreTotal(id: try id("A"), total: 60), ScoreTotal(id: try id("B"), total: 40)]
    edge.renderer.take(
      .snapshot(Snapshot(lineage: lineage, position: 100, isLast: true, entries: entries)))
    let queries = edge.turn().actions.compactMap(\.query)
    #expect(queries.count == 3, "the one that is ahead is awaited")
    for query in queries {
      switch query.question {
      case .past(let token) where token.lineage == lineage:
        let past = [ScoreTotal(id: try id("A"), total: 5)]
        for part in PastTotals.parts(id: query.id, entries: past) { _ = edge.answer(.pastTotals(part)) }
      case .past: _ = edge.answer(.pastTotals(PastTotals(id: query.id, outcome: .unknown)))
      case .order:
        let runs = [(firstPosition: Position(6), ids: [try id("B")])]
        for part in Order.parts(id: query.id, runs: runs) { _ = edge.answer(.order(part)) }
      case .tweets, .fence: Issue.record("nobody wants that")
      }
    }
    var texts: [Int32: String] = [:]
    for (slots, text) in edge.turn().actions.compactMap(\.opened) { for slot in slots { texts[slot] = text } }
    #expect(texts[1] == "id:L:100\ndata:{\"A\":55,\"B\":40}\n\n")
    #expect(texts[2] == reset(at: 100))
    #expect(texts[3] == nil)
    #expect(texts[4] == "id:L:6\ndata:B\n\n")
    edge.renderer.take(try scores(104, 64))
    #expect(text(edge.turn().actions) == [position(104)])
  }

  @Test("A client that is gone is not answered, admitted or not, and nothing is asked for it")
  func withdrawn() throws {
    var edge = ModelEdge()
    edge.request(1, .identifiedEPS(.full), resume, try token(5))
    _ = edge.turn()
    edge.now = moment(5_000)
    _ = edge.turn()
    edge.request(2, .identifiedEPS(.full), resume, try token(5))
    edge.request(3, .identifiedEPS(.full), resume, try token(6))
    for slot in 1...3 as ClosedRange<Int32> {
      edge.resolver.withdrawn(OpeningClient(worker: 0, ClientID(slot: slot, generation: 1)))
      #expect(!edge.resolver.isIdle, "another one had that place")
      edge.resolver.withdrawn(OpeningClient(worker: 0, ClientID(slot: slot, generation: 0)))
    }
    #expect(edge.resolver.isIdle)
    edge.renderer.take(.snapshot(Snapshot(lineage: lineage, position: 100, isLast: true, entries: [])))
    #expect(edge.turn().actions.isEmpty)
  }

  @Test(
    "The first client of raw begins where a hub confirms that ids arrive without a gap, the others there too")
  func rawBeginning() throws {
    var edge = try edge()
    let query = try #require(opening(.identifiedRaw, resume, .beginning, of: &edge).first?.query)
    #expect(query.question == .order(try #require(edge.renderer.mirror.published)))
    let runs = [(Position(104), [try id("X"), try id("Y")])]
    for part in Order.parts(id: query.id, runs: runs) {
      _ = edge.answer(.order(part))
    }
    #expect(text(edge.turn().actions) == [position(105)])
    edge.renderer.take(try raw(105, ["Y", "Z"]))
    #expect(
      edge.turn().updates.filter { $0.kind == .identifiedRaw }.map { string($0.entry.bytes) }
        == ["id:L:106\ndata:Z\n\n"], "what it had is not told again")
    #expect(text(opening(.identifiedRaw, resume, .beginning, of: &edge)) == [position(106)])
    #expect(
      text(opening(.identifiedRaw, resume, try token(103), of: &edge))
        == ["id:L:104\ndata:X\n\nid:L:105\ndata:Y\n\nid:L:106\ndata:Z\n\n"])
  }

  @Test("When the last client of raw has left, no ids are kept")
  func rawAudience() throws {
    var edge = try edge()
    edge.renderer.clientJoined(.identifiedRaw)
    edge.renderer.take(try raw(104, ["X"]))
    #expect(text(opening(.identifiedRaw, resume, .beginning, of: &edge)) == [position(104)])
    edge.renderer.clientLeft(.identifiedRaw)
    edge.renderer.clientLeft(.identifiedRaw)
    #expect(opening(.identifiedRaw, resume, .beginning, of: &edge).first?.query != nil)
  }

  @Test("A query for clients of raw that have left is repeated, because ids may have passed meanwhile")
  func rawAskedForOthers() throws {
    var edge = try edge()
    let first = try #require(opening(.identifiedRaw, resume, .beginning, of: &edge).first?.query)
    edge.renderer.clientLeft(.identifiedRaw)
    edge.renderer.take(try raw(104, ["X"]))
    #expect(opening(.identifiedRaw, resume, .beginning, of: &edge).isEmpty)
    _ = edge.answer(.order(Order(id: first.id, outcome: .answered)))
    let second = try #require(edge.turn().actions.first?.query)
    let runs = [(firstPosition: Position(104), ids: [try id("X")])]
    for part in Order.parts(id: second.id, runs: runs) { _ = edge.answer(.order(part)) }
    #expect(text(edge.turn().actions) == [position(104)])
  }

  @Test("Tweets are queried once for a topic, and each client gets its number of the latest")
  func tweets() throws {
    var edge = try edge()
    let topic = try #require(TopicID("A".utf8))
    for (slot, count) in [(Int32(1), UInt8(1)), (2, 10), (3, 10)] {
      edge.request(slot, .details(topic), StreamOptions(backfill: count), .beginning)
    }
    let queries = edge.turn().actions.compactMap(\.query)
    #expect(queries == [Query(id: 1, .tweets(topic, count: 10))])
    let list = try Tweets(id: 1, payloads: [Array("a".utf8), Array("b".utf8)])
    let actions = edge.answer(.tweets(list))
    var texts: [Int32: String] = [:]
    for (slots, text) in actions.compactMap(\.opened) { for slot in slots { texts[slot] = text } }
    let (a, b) = ("event:stream.tweet_updates.A\ndata:a\n\n", "event:stream.tweet_updates.A\ndata:b\n\n")
    #expect(texts == [1: b, 2: a + b, 3: a + b])
    _ = edge.turn()
    #expect(edge.resolver.deadline == nil, "nobody waits, so nothing is due")
  }

  @Test("A client begins without the list of tweets where no hub can give it")
  func noTweets() throws {
    var edge = try edge()
    let topic = try #require(TopicID("A".utf8))
    let options = StreamOptions(backfill: 5)
    let id = try #require(opening(.details(topic), options, .beginning, of: &edge).first?.query?.id)
    let unknown = Message.tweets(Tweets(id: id, outcome: .unknown))
    #expect(text(edge.answer(unknown)) == [""])
    #expect(opening(.details(topic), options, .beginning, of: &edge).count == 1)
    edge.now = moment(5_000)
    #expect(text(edge.turn().actions) == [""])
  }

  @Test("No more than 64 queries are open at a time; the others wait for their turn")
  func manyQuestions() throws {
    var edge = try edge()
    for position in Position(1)...80 {
      edge.request(Int32(position), .identifiedEPS(.full), resume, try token(position))
    }
    let asked = edge.turn().actions.compactMap(\.query)
    #expect(asked.count == 64)
    for query in asked.prefix(10) {
      let answer = Message.pastTotals(PastTotals(id: query.id, outcome: .unknown))
      _ = edge.answer(answer)
    }
    let actions = edge.turn().actions
    #expect(text(actions).count == 10 && actions.compactMap(\.query).count == 10)
  }

  @Test("Two thousand clients that return from one place share one answer")
  func storm() throws {
    var edge = try edge()
    for slot in Int32(0)..<2_000 { edge.request(slot, .identifiedEPS(.full), resume, try token(100)) }
    let actions = edge.turn().actions
    #expect(actions.count == 1 && actions.first?.opened?.slots.count == 2_000)
  }
}
