import Primitives
import TestSupport
import Testing

@testable import EdgeCore

@Suite("The clients that a flush reaches") struct ClientsInStepTests {
  @Test("While clients come and go, a flush reaches each client once that was there and stays")
  func random() {
    var random = SeededGenerator(seed: 42)
    for _ in 0..<2_000 {
      var clients = ClientsInStep<Int32>()
      var present: Set<Int32> = []
      var next: Int32 = 0
      func come() {
        clients.join(next, next + 100)
        present.insert(next)
        next += 1
      }
      for _ in 0..<Int.random(in: 0...12, using: &random) { come() }
      clients.beginFlush()
      var awaiting = present
      while clients.unreachedCount > 0 {
        #expect(Set(clients.slots.filter(clients.isUnreached)) == awaiting)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: come()
        case 1:
          guard let slot = present.randomElement(using: &random) else { continue }
          clients.leave(slot)
          present.remove(slot)
          awaiting.remove(slot)
        default:
          for place in clients.takeSlice(atMost: Int.random(in: 1...4, using: &random)) {
            #expect(clients.channels[place] == clients.slots[place] + 100)
            #expect(awaiting.remove(clients.slots[place]) != nil)
          }
        }
      }
      #expect(awaiting.isEmpty)
      #expect(Set(clients.slots) == present && clients.slots.count == present.count)
      #expect(clients.slots.allSatisfy { clients.channel(of: $0) == $0 + 100 })
      #expect(clients.takeSlice(atMost: 9).isEmpty)
    }
  }

  @Test("The clients of a turn are those that take about three milliseconds, and never very few")
  func pace() {
    var pace = SlicePace()
    #expect(pace.allowance == 150, "at first as if they were slow")
    for _ in 0..<100 { pace.took(.milliseconds(2), clients: 500) }
    #expect((745...755).contains(pace.allowance))
    for _ in 0..<100 { pace.took(.milliseconds(50), clients: 100) }
    #expect(pace.allowance == SlicePace.countMinimum)
    pace.took(.zero, clients: 0)
    for _ in 0..<100 { pace.took(.zero, clients: 10) }
    #expect(pace.allowance > 100_000)
  }
}
