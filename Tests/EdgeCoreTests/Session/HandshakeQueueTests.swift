import Primitives
import Testing

@testable import EdgeCore

@Suite struct HandshakeQueueTests {
  private func connection(_ slot: Int) -> ConnectionID { ConnectionID(slot: Int32(slot), generation: 1) }

  @Test("handshakes that have begun go before those that have not, each in order")
  func order() {
    var queue = HandshakeQueue()
    for slot in 1...3 { queue.becameReady(connection(slot)) }
    #expect(queue.next(now: moment(0)) == connection(1))
    // Its second step; told twice, it waits once.
    queue.becameReady(connection(1))
    queue.becameReady(connection(1))
    #expect(queue.deadline(now: moment(0)) == moment(0))
    #expect(queue.next(now: moment(0)) == connection(1))
    #expect(queue.next(now: moment(0)) == connection(2))
    #expect(queue.next(now: moment(0)) == connection(3))
    #expect(queue.next(now: moment(0)) == nil)
    #expect(queue.deadline(now: moment(0)) == nil)
  }

  @Test("a connection that is gone takes no step, and its successor in the slot waits in its own right")
  func gone() {
    var queue = HandshakeQueue()
    queue.becameReady(connection(1))
    queue.ended(connection(1))
    let successor = ConnectionID(slot: 1, generation: 3)
    queue.becameReady(successor)
    #expect(queue.next(now: moment(0)) == successor)
    queue.becameReady(successor)
    queue.ended(successor)
    #expect(queue.next(now: moment(0)) == nil)
  }

  @Test(
    "so many are under way, and the next one begins when one of them ends, or has taken too long to count")
  func bound() {
    var queue = HandshakeQueue()
    let count = HandshakeQueue.underWayMaximum
    for slot in 0..<count + 3 { queue.becameReady(connection(slot)) }
    for slot in 0..<count { #expect(queue.next(now: moment(0)) == connection(slot)) }
    #expect(queue.next(now: moment(1)) == nil)
    #expect(queue.deadline(now: moment(1)) == moment(11))
    queue.ended(connection(0))
    #expect(queue.next(now: moment(1)) == connection(count))
    #expect(queue.next(now: moment(249)) == nil)
    // One under way is served all the same.
    queue.becameReady(connection(7))
    #expect(queue.deadline(now: moment(249)) == moment(249))
    #expect(queue.next(now: moment(249)) == connection(7))
    #expect(queue.next(now: moment(250)) == connection(count + 1))
  }
}
