import Primitives
import Testing

@testable import EdgeCore

struct RawHistoryTests {
  private func events(_ range: ClosedRange<Position>) throws -> [RawHistory.Event] {
    try range.map { RawHistory.Event(position: $0, id: try id("N\($0)")) }
  }

  private func append(_ range: ClosedRange<Position>, to history: inout RawHistory) throws -> [Position] {
    history.append(try events(range).map(\.id), firstPosition: range.lowerBound).map(\.position)
  }

  @Test("it knows what came since it began, in order, and nothing that came twice")
  func sequence() throws {
    var history = RawHistory()
    #expect(history.end == nil && !history.covers(0))
    #expect(try append(5...7, to: &history) == [5, 6, 7])
    #expect(try append(6...9, to: &history) == [8, 9])
    #expect(try append(6...9, to: &history) == [])
    #expect(history.covers(4) && history.covers(9) && !history.covers(3) && !history.covers(10))
    #expect(Array(history.events(after: 4)) == (try events(5...9)))
    #expect(Array(history.events(after: 7)) == (try events(8...9)))
    #expect(Array(history.events(after: 9)).isEmpty)
  }

  @Test("where a position is left out it begins anew")
  func jump() throws {
    var history = RawHistory()
    _ = try append(5...7, to: &history)
    #expect(try append(9...9, to: &history) == [9])
    #expect(!history.covers(7) && history.covers(8))
  }

  @Test("what a hub tells is put before it, if it reaches so far")
  func extending() throws {
    var history = RawHistory()
    history.extend(from: 3, with: [])
    #expect(history.covers(3) && history.end == 3)
    history.clear()
    _ = try append(8...9, to: &history)
    history.extend(from: 2, with: try events(3...6))
    #expect(!history.covers(2), "nobody knows the seventh")
    history.extend(from: 2, with: try events(3...4) + events(6...8))
    #expect(Array(history.events(after: 2)) == (try events(3...4) + events(6...9)))
    history.extend(from: 8, with: [])
    #expect(history.covers(2) && history.end == 9)
    history.extend(from: 12, with: try events(13...14))
    #expect(!history.covers(9) && history.covers(12) && history.end == 14)
  }

  @Test("what is too much is forgotten when it is told to")
  func trimming() throws {
    var history = RawHistory(countLimit: 3)
    _ = try append(1...5, to: &history)
    #expect(history.covers(0))
    history.trim()
    #expect(!history.covers(1) && history.covers(2) && history.end == 5)
    #expect(Array(history.events(after: 2)) == (try events(3...5)))
  }
}
