import EdgeCore
import Primitives
import Testing

@Suite struct DeadlineQueueTests {
  private func connection(_ slot: Int32) -> ConnectionID { ConnectionID(slot: slot, generation: 1) }

  @Test("Deadlines that have passed are taken out in order, once, and void ones are dropped")
  func due() {
    var queue = DeadlineQueue()
    queue.append(connection(1), 1, at: moment(30))
    queue.append(connection(2), 1, at: moment(10))
    queue.append(connection(3), 1, at: moment(10))
    queue.append(connection(3), 2, at: moment(20))
    let isCurrent = { (entry: DeadlineQueue.Entry) in
      entry.number == (entry.connection == connection(3) ? 2 : 1)
    }
    #expect(queue.takeDue(now: moment(5), where: isCurrent).isEmpty)
    let first = queue.takeDue(now: moment(20), where: isCurrent)
    #expect(first.map(\.connection) == [connection(2), connection(3)])
    #expect(queue.takeDue(now: moment(40), where: isCurrent).map(\.connection) == [connection(1)])
    #expect(queue.takeDue(now: moment(50), where: isCurrent).isEmpty)
  }
}
