import Primitives
import Testing

@testable import EdgeCore

struct RawHistoryTests {
  private func events(_ range: ClosedRange<Position>) throws -> [RawHistory.Event] {
    try range.map { RawHistory.Event(position: $0, id: try id("N\($0)")) }
  }

  private let lineage: Lineage

  init() throws { lineage = try #require(Lineage("L")) }

  private func covers(_ history: RawHistory, _ position: Position, check: UInt32? = nil) -> Bool {
    history.covers(ResumeToken(lineage: lineage, position: position, check: check))
  }

  private func append(_ range: ClosedRange<Position>, to history: inout RawHistory) throws -> [Position] {
    history.append(try events(range).map(\.id), firstPosition: range.lowerBound, behind: nil).map(\.position)
  }

  @Test("The history holds the ids since it began, in order, without doubled ones")
  func sequence() throws {
    var history = RawHistory()
    #expect(history.end == nil && !covers(history, 0))
    #expect(try append(5...7, to: &history) == [5, 6, 7])
    #expect(try append(6...9, to: &history) == [8, 9])
    #expect(try append(6...9, to: &history) == [])
    #expect(covers(history, 4) && covers(history, 9) && !covers(history, 3) && !covers(history, 10))
    #expect(Array(history.events(after: 4)) == (try events(5...9)))
    #expect(Array(history.events(after: 7)) == (try events(8...9)))
    #expect(Array(history.events(after: 9)).isEmpty)
  }

  @Test("If a position is skipped the history starts over")
  func jump() throws {
    var history = RawHistory()
    _ = try append(5...7, to: &history)
    #expect(try append(9...9, to: &history) == [9])
    #expect(!covers(history, 7) && covers(history, 8))
  }

  @Test("A hub's ids are put in front of the history, if they reach it")
  func extending() throws {
    var history = RawHistory()
    history.extend(from: 3, with: []) { _ in nil }
    #expect(covers(history, 3) && history.end == 3)
    history.clear()
    _ = try append(8...9, to: &history)
    history.extend(from: 2, with: try events(3...6)) { _ in nil }
    #expect(!covers(history, 2), "nobody knows the seventh")
    history.extend(from: 2, with: try events(3...4) + events(6...8)) { _ in nil }
    #expect(Array(history.events(after: 2)) == (try events(3...4) + events(6...9)))
    history.extend(from: 8, with: []) { _ in nil }
    #expect(covers(history, 2) && history.end == 9)
    history.extend(from: 12, with: try events(13...14)) { _ in nil }
    #expect(!covers(history, 9) && covers(history, 12) && history.end == 14)
  }

  @Test("Excessive ids are forgotten on request")
  func trimming() throws {
    var history = RawHistory(countLimit: 3)
    _ = try append(1...5, to: &history)
    #expect(covers(history, 0))
    history.trim()
    #expect(!covers(history, 1) && covers(history, 2) && history.end == 5)
    #expect(Array(history.events(after: 2)) == (try events(3...5)))
  }

  @Test("A place with other totals is not covered, wherever its totals are known")
  func checks() throws {
    let ids = try events(1...5).map(\.id)
    var history = RawHistory()
    _ = history.append(Array(ids[2...]), firstPosition: 3, behind: Checksum().behind(Array(ids[..<2])))
    let checks = ids.indices.map { Checksum().behind(Array(ids[...$0])).check }
    for position in Position(2)...5 {
      #expect(covers(history, position, check: checks[Int(position) - 1]))
      #expect(!covers(history, position, check: checks[Int(position) - 1] ^ 1))
    }
    #expect(history.place(in: lineage)?.check == checks[4])
    history.extend(from: 0, with: try events(1...2)) { _ in nil }
    for position in Position(0)...5 {
      let check = position > 0 ? checks[Int(position) - 1] : Checksum().check
      #expect(covers(history, position, check: check))
      #expect(!covers(history, position, check: check ^ 1))
    }
  }

  @Test(
    "The totals before a jump are unknown, and a hub's empty answer is known from its end"
  )
  func checksBehindAJump() throws {
    let ids = try events(1...9).map(\.id)
    let end = Checksum().behind(ids)
    var history = RawHistory()
    history.extend(from: 3, with: try events(4...5) + events(8...9)) { $0 == 9 ? end : nil }
    #expect(!covers(history, 9, check: end.check ^ 1) && covers(history, 9, check: end.check))
    #expect(!covers(history, 8, check: 1))
    #expect(covers(history, 5, check: 1) && covers(history, 3, check: 1), "not known, so not refused")
  }
}
