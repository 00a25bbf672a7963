import Primitives
import Testing

@testable import EdgeCore

@Suite struct HandshakeQueueTests {
  private func connection(_ slot: Int) -> ConnectionID { ConnectionID(slot: Int32(slot), generation: 1) }

  @Test("Handshakes that have begun precede those that have not, each in order")
  func order() {
    var queue = HandshakeQueue()
    for slot in 1...3 { queue.becameReady(connection(slot)) }
    #expect(queue.next(now: moment(0)) == connection(1))
    // Its second step. A connection that is reported twice waits once.
    queue.becameReady(connection(1))
    queue.becameReady(connection(1))
    #expect(queue.deadline(now: moment(0)) == moment(0))
    #expect(queue.next(now: moment(0)) == connection(1))
    #expect(queue.next(now: moment(0)) == connection(2))
    #expect(queue.next(now: moment(0)) == connection(3))
    #expect(queue.next(now: moment(0)) == nil)
    #expect(queue.deadline(now: moment(0)) == nil)
  }

  @Test("A lost connection takes no step, and its successor in the slot waits in its own right")
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
    "The handshakes in progress are limited; the next one begins when one has ended, or no longer counts")
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
    // A handshake in progress is served nevertheless.
    queue.becameReady(connection(7))
    #expect(queue.deadline(now: moment(249)) == moment(249))
    #expect(queue.next(now: moment(249)) == connection(7))
    #expect(queue.next(now: moment(250)) == connection(count + 1))
  }
}
