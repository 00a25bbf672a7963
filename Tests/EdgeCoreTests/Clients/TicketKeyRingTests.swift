import EdgeCore
import Primitives
import Testing

@Suite("The keys of session tickets that an edge knows") struct TicketKeyRingTests {
  private func at(_ seconds: Int64) -> Instant { Instant.origin.advanced(by: .seconds(seconds)) }

  /// Tells a hub's keys, named by letters; the newest opens for three hours, each older one for an hour less.
  private func tell(_ names: String, by hub: Int, at seconds: Int64, _ ring: inout TicketKeyRing<String>) {
    let names = names.map(String.init)
    let told = names.enumerated().map { place, name in
      (name: Array(name.utf8), lifetime: Duration.seconds(10_800 - 3_600 * place))
    }
    ring.told(told, by: hub, now: at(seconds)) { "\(hub)\(names[$0])" }
  }

  private func pass(until seconds: Int64, _ ring: inout TicketKeyRing<String>) -> Bool {
    ring.timePassed(now: at(seconds)) { "own\(seconds)" }
  }

  @Test("The first linked hub of the list seals, then one that was linked, then the edge itself")
  func order() {
    var ring = TicketKeyRing("own", now: at(0))
    #expect(ring.keys(at: at(0)) == ["own"] && ring.sealingHub(at: at(0)) == nil)
    tell("ab", by: 1, at: 0, &ring)
    #expect(ring.keys(at: at(0)) == ["1a", "own", "1b"] && ring.sealingHub(at: at(0)) == 1)
    tell("c", by: 0, at: 10, &ring)
    #expect(ring.keys(at: at(10)).prefix(3) == ["0c", "1a", "own"])
    ring.linkEnded(to: 0)
    #expect(ring.keys(at: at(10)).prefix(3) == ["1a", "0c", "own"])
    ring.linkEnded(to: 1)
    #expect(ring.keys(at: at(10)).first == "0c", "its key goes on for its time")
    #expect(ring.sealingHub(at: at(3_601)) == 0)
    #expect(ring.sealingHub(at: at(3_611)) == nil, "but no longer")
  }

  @Test("A key opens until the end of its lifetime, also if its hub has restarted or is gone")
  func lifetimes() {
    var ring = TicketKeyRing("own", now: at(0))
    tell("ab", by: 0, at: 0, &ring)
    tell("x", by: 0, at: 60, &ring)
    #expect(Set(ring.keys(at: at(60))) == ["0x", "0a", "0b", "own"] && ring.keys(at: at(60)).first == "0x")
    #expect(!pass(until: 7_100, &ring) || ring.keys(at: at(7_100)).contains("0b"))
    #expect(pass(until: 7_200, &ring))
    #expect(!ring.keys(at: at(7_200)).contains("0b"))
    #expect(ring.keys(at: at(7_200)).contains("0a"))
    _ = pass(until: 10_800, &ring)
    #expect(!ring.keys(at: at(10_800)).contains("0a") && ring.keys(at: at(10_800)).contains("0x"))
    // The hub's next message names the keys that it still has, and those live on.
    tell("yx", by: 0, at: 10_850, &ring)
    _ = pass(until: 10_870, &ring)
    #expect(ring.keys(at: at(10_870)).first == "0y" && ring.keys(at: at(10_870)).contains("0x"))
  }

  @Test("Without any hub, an own key seals for an hour, and then the next one; each opens for two hours more")
  func alone() {
    var ring = TicketKeyRing("own0", now: at(0))
    #expect(!pass(until: 3_599, &ring))
    #expect(pass(until: 3_601, &ring))
    #expect(ring.keys(at: at(3_601)) == ["own3601", "own0"])
    #expect(pass(until: 7_202, &ring))
    #expect(pass(until: 10_803, &ring))
    #expect(ring.keys(at: at(10_803)).first == "own10803" && !ring.keys(at: at(10_803)).contains("own0"))
    // No random bytes: the old keys stay.
    #expect(ring.timePassed(now: at(14_404)) { nil })
    #expect(ring.keys(at: at(14_404)).contains("own10803"))
  }

  @Test("A hub that restarts all the time does not fill the memory")
  func bounded() {
    var ring = TicketKeyRing("own", now: at(0))
    for time in 0..<200 as Range<Int64> {
      ring.told([(name: [UInt8(time)], lifetime: .seconds(10_800))], by: 0, now: at(time)) { _ in "\(time)" }
    }
    let keys = ring.keys(at: at(200))
    #expect(keys.count == 9 && keys.first == "199")
    #expect(Set(keys.dropFirst()).isSuperset(of: ["198", "197", "192"]))
  }
}
