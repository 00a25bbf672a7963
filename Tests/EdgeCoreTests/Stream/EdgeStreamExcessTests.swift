import Primitives
import Testing
import Wire

@testable import EdgeCore

/// Excess: increments that clients were sent but that no hub holds.
struct EdgeStreamExcessTests {
  private let fence: UInt64 = (1 << 63) - 1

  /// An edge that sent A up to 7, and whose hub returns with less.
  private func overtold(holding total: UInt64, version: UInt8 = 2) throws -> EdgeStreamFixture {
    var edge = try EdgeStreamFixture()
    _ = edge.request(1, .identifiedEPS(.full), StreamOptions(isResumable: true, hasSnapshot: true))
    _ = edge.turn()
    _ = try edge.scores(7)
    #expect(edge.turn() == [#"update {"A":7} since 0"#])
    _ = edge.close(0)
    #expect(try edge.open(0, total: total, version: version) == ["tell 0 0"])
    _ = edge.turn()
    return edge
  }

  /// Lets the edge ask as often as it does, and the hub answer.
  private func probe(_ edge: inout EdgeStreamFixture, rounds: Int) {
    for _ in 0..<rounds {
      edge.wait(200)
      #expect(edge.turn() == ["ask 0 \(fence)"])
      #expect(edge.fenced(fence).isEmpty)
    }
  }

  @Test(
    "Excess that the hub lacks after five fences is taken back, in the lineage, and growth continues"
  )
  func takenBack() throws {
    var edge = try overtold(holding: 6)
    #expect(edge.stream.openingDeadline == moment(200))
    probe(&edge, rounds: 5)
    #expect(edge.stream.renderer.mirror.position == 6)
    #expect(edge.stream.lineage == edge.lineage)
    #expect(edge.stream.renderer.takenBack == 1)
    _ = edge.turn()
    _ = try edge.scores(7)
    #expect(edge.turn() == [#"update {"A":1} since 0"#])
    #expect(edge.stream.openingDeadline == nil)
  }

  @Test(
    "A client that joins meanwhile waits for the outcome, or two seconds if a hub does not answer"
  )
  func newcomers() throws {
    let options = StreamOptions(isResumable: true, hasSnapshot: true)
    var edge = try overtold(holding: 6)
    _ = edge.request(2, .identifiedEPS(.full), options)
    #expect(edge.turn().isEmpty)
    probe(&edge, rounds: 5)
    let opened = edge.turn().filter { $0.hasPrefix("open [2]") }
    #expect(opened.count == 1 && opened[0].contains(#"{"A":6}"#), "\(opened)")

    edge = try overtold(holding: 6)
    _ = edge.request(2, .identifiedEPS(.full), options)
    edge.wait(200)
    #expect(edge.turn() == ["ask 0 \(fence)"])
    edge.wait(1_700)
    #expect(!edge.turn().contains { $0.hasPrefix("open") })
    edge.wait(100)
    #expect(edge.turn().contains { $0.hasPrefix("open [2]") })
  }

  @Test("Excess that is found in Redis later is kept: a feeder had published first")
  func explained() throws {
    var edge = try overtold(holding: 6)
    probe(&edge, rounds: 3)
    _ = try edge.scores(7)
    probe(&edge, rounds: 1)
    edge.wait(1_000)
    #expect(edge.turn().isEmpty)
    #expect(edge.stream.renderer.mirror.position == 7)
    #expect(edge.stream.renderer.takenBack == 0)
  }

  @Test("If the hubs' totals fall further meanwhile, all that no hub holds is taken back")
  func growing() throws {
    var edge = try overtold(holding: 6)
    probe(&edge, rounds: 2)
    _ = edge.close(0)
    _ = try edge.open(0, total: 3)
    for _ in 0..<12 {
      edge.wait(200)
      if edge.turn().contains("ask 0 \(fence)") { _ = edge.fenced(fence) }
    }
    #expect(edge.stream.renderer.mirror.position == 3)
    #expect(edge.stream.renderer.takenBack == 2)
    #expect(edge.stream.openingDeadline == nil)
  }

  @Test("A total that a hub takes back itself is taken back at once, unless another hub holds it")
  func hubTakesBack() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    for hub in 0...1 { _ = try edge.scores(7, from: hub) }
    _ = edge.turn()
    _ = try edge.snapshot(6, from: 0)
    #expect(edge.stream.renderer.mirror.position == 7, "the other one holds it")
    _ = try edge.snapshot(6, from: 1)
    #expect(edge.stream.renderer.mirror.position == 6)
    #expect(edge.stream.renderer.takenBack == 1)
  }

  @Test("A hub that is a little behind a lost one gets time to catch up")
  func behind() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    _ = try edge.scores(7, from: 0)
    _ = try edge.scores(5, from: 1)
    _ = edge.turn()
    _ = edge.close(0)
    _ = try edge.scores(7, from: 1)
    edge.wait(200)
    #expect(edge.turn().contains("ask 1 \(fence)"))
    _ = edge.fenced(fence, from: 1)
    edge.wait(5_000)
    #expect(edge.turn().isEmpty)
    #expect(edge.stream.renderer.takenBack == 0)
  }

  @Test("A hub that does not hear Redis takes nothing back, and delays nothing")
  func notFresh() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    for hub in 0...1 { _ = try edge.scores(7, from: hub) }
    _ = edge.turn()
    _ = edge.stream.freshnessChanged(of: 1, to: false, now: edge.now)
    _ = try edge.snapshot(6, from: 0)
    #expect(edge.stream.renderer.mirror.position == 6)
    // The hub returns with its totals, and takes the excess back itself.
    _ = edge.stream.freshnessChanged(of: 1, to: true, now: edge.now)
    #expect(edge.stream.renderer.mirror.position == 7)
    _ = try edge.snapshot(6, from: 1)
    #expect(edge.stream.renderer.mirror.position == 6)
  }

  @Test("A hub that took something back and then left the lineage vouches for nothing in it")
  func takerThatLeft() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    for hub in 0...1 { _ = try edge.scores(7, from: hub) }
    _ = edge.turn()
    _ = edge.stream.freshnessChanged(of: 1, to: false, now: edge.now)
    _ = try edge.snapshot(6, from: 1)
    let other = try #require(Lineage("M"))
    _ = edge.receive(.snapshot(Snapshot(lineage: other, position: 0, isLast: true, entries: [])), from: 1)
    // The first hub comes back a little behind the totals that it sent before.
    _ = edge.close(0)
    _ = try edge.open(0, total: 6)
    _ = edge.stream.freshnessChanged(of: 1, to: true, now: edge.now)
    #expect(edge.stream.renderer.takenBack == 0, "the excess is under observation")
  }

  @Test("Meanwhile hubs are asked nevertheless, and tweets do not wait")
  func questionsMeanwhile() throws {
    var edge = try overtold(holding: 6)
    let token = ResumeToken(lineage: edge.lineage, position: 3, check: 1)
    _ = edge.request(2, .identifiedEPS(.full), StreamOptions(isResumable: true), .token(token))
    _ = edge.request(3, .details(edge.topic), StreamOptions(backfill: 3))
    #expect(Set(edge.turn()) == ["ask 0 1", "ask 0 2"])
    let answers = try [1, 2].flatMap { try edge.tweets(["a"], to: $0) }
    #expect(answers == ["open [3] a"])
  }

  @Test("However many answers are withheld, others are reached, and nothing is looked at again and again")
  func manyWithheld() throws {
    var edge = try overtold(holding: 6)
    for number in 0..<300 {
      let token = ResumeToken(lineage: edge.lineage, position: 3, check: UInt32(number))
      _ = edge.request(
        Int32(100 + number), .identifiedEPS(.full), StreamOptions(isResumable: true, hasSnapshot: true),
        .token(token))
    }
    // The hub knows none of the places, so that clients start over, which tells totals.
    var asked = 0
    while case let questions = edge.turn(), !questions.isEmpty {
      for question in questions {
        let id = try #require(UInt64(question.dropFirst("ask 0 ".count)))
        _ = edge.receive(.pastTotals(PastTotals(id: id, outcome: .unknown)))
        asked += 1
      }
    }
    #expect(asked == 300)
    _ = edge.request(3, .details(edge.topic), StreamOptions(backfill: 3))
    #expect(edge.turn() == ["ask 0 301"])
    #expect(try #require(edge.stream.openingDeadline) > edge.now)
  }

  @Test("If the hub came further with other totals, Redis was rolled back: its list of tweets is outdated")
  func listOfPast() throws {
    var edge = try EdgeStreamFixture()
    _ = edge.stream.clientJoined(.details(edge.topic))
    _ = try edge.scores(7)
    for (ordinal, tweet) in ["a", "z"].enumerated() { _ = try edge.tweet(tweet, UInt64(ordinal)) }
    _ = edge.turn()
    _ = edge.close(0)
    let totals: [(String, UInt64)] = [("A", 5), ("B", 4)]
    let entries = try totals.map { ScoreTotal(id: try id($0.0), total: $0.1) }
    let actions = edge.open(0, Snapshot(lineage: edge.lineage, position: 9, isLast: true, entries: entries))
    #expect(actions == ["tell 0 1", "ask 0 \(UInt64(1) << 63 + 1)"])
    _ = try edge.tweets(["a", "missed before z"], to: 1 << 63 + 1)
    #expect(!edge.turn().contains { $0.contains("missed") })
  }

  @Test("If two hubs find a rollback one after the other, clients are told once")
  func oneAfterTheOther() throws {
    var edge = try EdgeStreamFixture(hubCount: 2)
    for hub in 0...1 { _ = try edge.scores(7, from: hub) }
    _ = edge.turn()
    for hub in 0...1 { _ = edge.stream.freshnessChanged(of: hub, to: false, now: edge.now) }
    _ = try edge.snapshot(5, from: 0)
    _ = edge.stream.freshnessChanged(of: 0, to: true, now: edge.now)
    #expect(edge.stream.renderer.takenBack == 1)
    // The hub has heard one increment more, and then reports that it hears Redis.
    _ = try edge.snapshot(6, from: 1)
    _ = edge.stream.freshnessChanged(of: 1, to: true, now: edge.now)
    _ = try edge.scores(6, from: 0)
    edge.wait(200)
    _ = edge.turn()
    #expect(edge.stream.renderer.takenBack == 1)
    #expect(edge.stream.renderer.mirror.position == 6)
  }

  @Test("A hub of version 1 is asked for no fence, and for no place with a check")
  func versionOne() throws {
    var edge = try overtold(holding: 6, version: 1)
    edge.wait(5_000)
    #expect(edge.turn().isEmpty)
    #expect(edge.stream.openingDeadline == nil, "nothing to wait for")
    let token = ResumeToken(lineage: edge.lineage, position: 3, check: 1)
    _ = edge.request(2, .identifiedEPS(.full), StreamOptions(isResumable: true), .token(token))
    let queries = edge.stream.turnEnded(now: edge.now).compactMap { action -> Query? in
      if case .send(.query(let query), _) = action { query } else { nil }
    }
    #expect(queries.map(\.question) == [.past(token.unchecked)])
    // Its answer is compared with the check nevertheless.
    let entries = [ScoreTotal(id: try id("A"), total: 3)]
    for part in PastTotals.parts(id: queries[0].id, entries: entries) { _ = edge.receive(.pastTotals(part)) }
    let answers = edge.turn().filter { $0.hasPrefix("open [2]") }
    #expect(answers.count == 1 && answers[0].contains("unknown_position"))
  }
}
