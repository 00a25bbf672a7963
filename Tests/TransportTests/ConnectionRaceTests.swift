import Primitives
import Testing

@testable import Transport

@Suite("The race for a connection")
struct ConnectionRaceTests {
  private var now = Instant(nanoseconds: 1_000_000_000_000)

  /// Addresses are words here: `6a` is an IPv6 address.
  private static func race(_ addresses: String...) -> ConnectionRace<String, String> {
    ConnectionRace(addresses, family: \.first)
  }

  @Test("The families take turns, beginning with the first; within one, the order is kept")
  func order() {
    #expect(Self.race("6a", "6b", "6c", "4a", "4b").addresses == ["6a", "4a", "6b", "4b", "6c"])
    #expect(Self.race("6a", "4a", "4b", "6b").addresses == ["6a", "4a", "6b", "4b"])
    #expect(Self.race("4a", "4b").addresses == ["4a", "4b"])
  }

  @Test("An address that does not answer has a head start of 250 ms on the next one")
  mutating func headStart() {
    var race = Self.race("4a", "4b", "4c")
    #expect(race.start(now: now) == .attempt(0))
    for index in 1...2 {
      #expect(race.deadline == now.advanced(by: .milliseconds(250)))
      now = now.advanced(by: .milliseconds(249))
      #expect(race.timerTriggered(now: now) == .wait)
      now = now.advanced(by: .milliseconds(1))
      #expect(race.timerTriggered(now: now) == .attempt(index))
    }
    #expect(race.deadline == nil)
    #expect(race.timerTriggered(now: now.advanced(by: .seconds(9))) == .wait)
    #expect(race.attempts.map(\.address) == ["4a", "4b", "4c"])
    #expect(race.attempts.allSatisfy { $0.failure == nil })
  }

  @Test("After one that fails the next one begins at once, with a head start of its own")
  mutating func failure() {
    var race = Self.race("4a", "4b", "4c")
    _ = race.start(now: now)
    now = now.advanced(by: .milliseconds(100))
    #expect(race.attemptFailed(0, because: "refused", now: now) == .attempt(1))
    #expect(race.deadline == now.advanced(by: .milliseconds(250)))
  }

  @Test("It is lost once all have failed, and not before")
  mutating func loss() {
    var race = Self.race("4a", "4b")
    _ = race.start(now: now)
    now = now.advanced(by: .milliseconds(250))
    _ = race.timerTriggered(now: now)
    #expect(race.attemptFailed(1, because: "refused", now: now) == .wait)
    #expect(race.attemptFailed(0, because: "unreachable", now: now) == .lose)
    #expect(race.attempts.map(\.failure) == ["unreachable", "refused"])
  }

  @Test("Once one has connected, no other begins")
  mutating func success() {
    var race = Self.race("4a", "4b")
    _ = race.start(now: now)
    race.attemptSucceeded()
    #expect(race.deadline == nil)
    #expect(race.timerTriggered(now: now.advanced(by: .seconds(1))) == .wait)
  }

  @Test("Eight addresses are tried, of both families, and the rest is counted")
  mutating func bound() {
    let addresses = (0..<20).map { "6\($0)" } + ["4a", "4b"]
    var race = ConnectionRace<String, String>(addresses, family: \.first)
    #expect(race.addresses == ["60", "4a", "61", "4b", "62", "63", "64", "65"])
    #expect(race.leftOut == 14)
    var action = race.start(now: now)
    for index in 0..<8 {
      #expect(action == .attempt(index))
      action = race.attemptFailed(index, because: "refused", now: now)
    }
    #expect(action == .lose)
  }
}
