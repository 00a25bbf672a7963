import Primitives
import Testing

@testable import Reactor

@Suite("Look-ups of names")
struct NameLookupsTests {
  private var lookups = NameLookups<Int>()
  private var now = Instant(nanoseconds: 1_000_000_000_000)

  /// The outcome of a request, in a word, or the answer.
  private mutating func ask(_ name: String, by asker: Int) -> String {
    switch lookups.asked(name, by: asker, now: now) {
    case .answer(let answer): "\(answer)"
    case .begin: "begin"
    case .wait: "wait"
    case .refuse: "refuse"
    }
  }

  @Test("A name is looked up once for all requests meanwhile, and again afterwards")
  mutating func shared() {
    let asked = (ask("a", by: 1), ask("a", by: 2), ask("b", by: 3))
    #expect(asked == ("begin", "wait", "begin"))
    #expect(lookups.answered("a", with: 7, now: now) == [1, 2])
    #expect(ask("a", by: 4) == "begin")
    #expect(lookups.answered("b", with: nil, now: now) == [3])
  }

  @Test("A late answer serves the next request, for a moment")
  mutating func late() {
    _ = ask("a", by: 1)
    lookups.withdrawn("a", by: 1)
    #expect(lookups.answered("a", with: 7, now: now) == [])
    now = now.advanced(by: NameLookups<Int>.keptFor - .nanoseconds(1))
    let both = (ask("a", by: 2), ask("a", by: 3))
    #expect(both == ("7", "7"), "both of a pair")
    now = now.advanced(by: .nanoseconds(1))
    #expect(ask("a", by: 4) == "begin")
  }

  @Test("A repeated request joins the look-up that the first one gave up")
  mutating func joined() {
    _ = ask("a", by: 1)
    lookups.withdrawn("a", by: 1)
    #expect(ask("a", by: 2) == "wait")
    #expect(lookups.answered("a", with: 7, now: now) == [2])
    #expect(ask("a", by: 3) == "begin", "an answer that was taken is not kept")
  }

  @Test("A late failure is not kept")
  mutating func failure() {
    _ = ask("a", by: 1)
    lookups.withdrawn("a", by: 1)
    #expect(lookups.answered("a", with: nil, now: now) == [])
    #expect(ask("a", by: 2) == "begin")
  }

  @Test("The number of look-ups under way is limited, and so is that of late answers")
  mutating func bounds() {
    let maximum = NameLookups<Int>.underWayMaximum
    for number in 0..<maximum { #expect(ask("\(number)", by: number) == "begin") }
    #expect(ask("one more", by: -1) == "refuse")
    #expect(ask("0", by: -2) == "wait")
    lookups.withdrawn("0", by: -2)
    for number in 0..<maximum {
      lookups.withdrawn("\(number)", by: number)
      #expect(lookups.answered("\(number)", with: number, now: now) == [])
    }
    #expect(ask("one more", by: -1) == "begin")
    lookups.withdrawn("one more", by: -1)
    #expect(lookups.answered("one more", with: 0, now: now) == [])
    #expect(ask("one more", by: -1) == "begin", "there was no room for it")
  }
}
