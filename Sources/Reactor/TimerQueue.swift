import Primitives

/// Identifies a timer of an ``EventLoop``, to cancel it.
package struct TimerID: Hashable, Sendable {
  let number: UInt64
}

/// A binary heap of deadlines. A cancelled timer stays in the heap, and is skipped when its deadline comes.
struct TimerQueue {
  private struct Entry {
    let deadline: Instant
    let id: TimerID
  }

  private var heap: [Entry] = []
  private var actions: [TimerID: () -> Void] = [:]
  private var lastNumber: UInt64 = 0

  mutating func add(at deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
    lastNumber += 1
    let id = TimerID(number: lastNumber)
    actions[id] = action
    heap.append(Entry(deadline: deadline, id: id))
    siftUp(from: heap.count - 1)
    return id
  }

  mutating func cancel(_ id: TimerID) {
    actions[id] = nil
    // Timers that are set and cancelled all the time must not pile up behind one that is far away.
    if heap.count > 64, heap.count > actions.count * 4 {
      heap = heap.filter { actions[$0.id] != nil }
      for index in stride(from: heap.count / 2, through: 0, by: -1) { siftDown(from: index) }
    }
  }

  /// The earliest deadline of a timer that has not been cancelled.
  mutating func nextDeadline() -> Instant? {
    dropCancelled()
    return heap.first?.deadline
  }

  /// The timer that was added last.
  var newest: TimerID { TimerID(number: lastNumber) }

  /// Takes out one due action of a timer that is not newer than another.
  mutating func popDue(at now: Instant, addedUpTo newest: TimerID) -> (() -> Void)? {
    dropCancelled()
    guard let first = heap.first, first.deadline <= now, first.id.number <= newest.number else { return nil }
    removeFirst()
    return actions.removeValue(forKey: first.id)
  }

  private mutating func dropCancelled() {
    while let first = heap.first, actions[first.id] == nil { removeFirst() }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    siftDown(from: 0)
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    let (a, b) = (heap[left], heap[right])
    return a.deadline == b.deadline ? a.id.number < b.id.number : a.deadline < b.deadline
  }

  private mutating func siftUp(from start: Int) {
    var child = start
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func siftDown(from start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
