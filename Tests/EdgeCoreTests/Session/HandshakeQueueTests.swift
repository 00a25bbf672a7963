import Primitives
import Testing

@testable import EdgeCore

@Suite struct HandshakeQueueTests {
  private func connection(_ slot: Int) -> ConnectionID { ConnectionID(slot: Int32(slot), generation: 1) }

  /// The connections that take a step in a turn, in order.
  private func turn(_ queue: inout HandshakeQueue, _ milliseconds: Int64) -> [ConnectionID] {
    queue.beginTurn()
    var taken: [ConnectionID] = []
    while let (connection, _) = queue.next(now: moment(milliseconds)) { taken.append(connection) }
    return taken
  }

  @Test("Handshakes that have begun precede those that have not, each in order")
  func order() throws {
    var queue = HandshakeQueue()
    for slot in 1...3 { #expect(queue.becameReady(connection(slot))) }
    queue.beginTurn()
    #expect(try #require(queue.next(now: moment(0))) == (connection(1), true))
    #expect(queue.stepTaken(by: connection(1), .wait) == .wait)
    // Its second step, for which its time runs. A connection that is reported twice waits once.
    for _ in 0..<2 { #expect(!queue.becameReady(connection(1))) }
    #expect(queue.deadline(now: moment(0)) == moment(0))
    #expect(turn(&queue, 0) == [connection(1), connection(2), connection(3)])
    #expect(queue.deadline(now: moment(0)) == nil)
  }

  @Test("A turn has eight steps, and the next turn takes the others at once")
  func steps() {
    var queue = HandshakeQueue()
    for slot in 1...10 { _ = queue.becameReady(connection(slot)) }
    #expect(turn(&queue, 0) == (1...8).map(connection))
    #expect(queue.deadline(now: moment(0)) == moment(0))
    #expect(turn(&queue, 0) == [connection(9), connection(10)])
    #expect(queue.deadline(now: moment(0)) == nil)
  }

  @Test("A complete handshake is over, and a failed one closes its connection")
  func steppedOut() {
    var queue = HandshakeQueue(countedMaximum: 1)
    for slot in 1...2 { _ = queue.becameReady(connection(slot)) }
    #expect(turn(&queue, 0) == [connection(1)])
    #expect(queue.stepTaken(by: connection(1), .complete) == .establish)
    #expect(turn(&queue, 0) == [connection(2)])
    #expect(queue.stepTaken(by: connection(2), .failed) == .close(.handshakeFailed))
  }

  @Test("A lost connection takes no step, and its successor in the slot waits in its own right")
  func gone() {
    var queue = HandshakeQueue()
    #expect(queue.becameReady(connection(1)))
    queue.ended(connection(1))
    let successor = ConnectionID(slot: 1, generation: 3)
    #expect(queue.becameReady(successor))
    #expect(turn(&queue, 0) == [successor])
    #expect(!queue.becameReady(successor))
    queue.ended(successor)
    #expect(turn(&queue, 0) == [])
  }

  @Test(
    "The handshakes in progress are limited; the next one begins when one has ended, or no longer counts")
  func bound() {
    var queue = HandshakeQueue(countedMaximum: 4)
    for slot in 0..<8 { _ = queue.becameReady(connection(slot)) }
    #expect(turn(&queue, 0) == (0..<4).map(connection))
    #expect(turn(&queue, 1) == [])
    #expect(queue.deadline(now: moment(1)) == moment(11))
    queue.ended(connection(0))
    #expect(turn(&queue, 1) == [connection(4)])
    #expect(turn(&queue, 249) == [])
    // A handshake in progress is served nevertheless.
    #expect(!queue.becameReady(connection(2)))
    #expect(queue.deadline(now: moment(249)) == moment(249))
    #expect(turn(&queue, 249) == [connection(2)])
    #expect(turn(&queue, 250) == (5..<8).map(connection))
  }

  @Test("A client that keeps the edge waiting holds its own place only")
  func stalled() {
    var queue = HandshakeQueue(countedMaximum: 4)
    for slot in 0..<8 { _ = queue.becameReady(connection(slot)) }
    #expect(turn(&queue, 0) == (0..<4).map(connection))
    // The first client stalls.
    for slot in 1..<4 { queue.ended(connection(slot)) }
    #expect(turn(&queue, 1) == (4..<7).map(connection))
    #expect(queue.deadline(now: moment(1)) == moment(11))
  }
}
