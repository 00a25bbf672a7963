import HubCore
import Primitives
import TestSupport
import Testing
import Wire

@Suite("The keys of session tickets that a hub makes") struct TicketKeyRotationTests {
  private func at(_ seconds: Int64) -> Instant { Instant.origin.advanced(by: .seconds(seconds)) }

  @Test("There is a new key each hour, and two more that open; each opens as long as its last ticket lives")
  func rotation() {
    var random = SeededGenerator(seed: 1)
    var rotation = TicketKeyRotation(now: at(0), random: &random)
    #expect(rotation.message(now: at(0)).keys.map(\.lifetimeSeconds) == [10_860])
    #expect(rotation.message(now: at(3_599)).keys.map(\.lifetimeSeconds) == [7_261])
    #expect(!rotation.rotateIfDue(now: at(3_599), random: &random))
    var newest = [rotation.message(now: at(0)).keys[0].secret]
    for hour in 1...5 as ClosedRange<Int64> {
      #expect(rotation.rotateIfDue(now: at(hour * 3_600), random: &random))
      #expect(!rotation.rotateIfDue(now: at(hour * 3_600 + 1), random: &random))
      let keys = rotation.message(now: at(hour * 3_600)).keys
      newest.insert(keys[0].secret, at: 0)
      #expect(keys.map(\.secret) == Array(newest.prefix(3)))
      #expect(keys.map(\.lifetimeSeconds) == Array([10_860, 7_260, 3_660].prefix(keys.count)))
    }
    #expect(Set(newest).count == 6)
    // After a long pause of the process a key may be at its end.
    #expect(rotation.message(now: at(50 * 3_600)).keys.map(\.lifetimeSeconds) == [1, 1, 1])
  }

  @Test(
    "Only an edge that knows of such keys is sent them",
    arguments: [(1, false), (2, false), (3, true), (9, true)])
  func versions(highest: UInt8, takes: Bool) throws {
    var fixture = try LinkFixture()
    let hello = Hello(
      versions: 1...highest, node: fixture.node, softwareVersion: fixture.terms.softwareVersion)
    #expect(!fixture.link.takesTicketKeys)
    _ = fixture.link.messageReceived(.hello(hello), now: .origin)
    #expect(fixture.link.takesTicketKeys == takes)
  }
}
