import Synchronization

/// How many clients stream, over all workers: the limit is the edge's, however the kernel spreads its clients.
final class ClientCount: Sendable {
  private let count = Atomic<Int>(0)

  /// Takes a place, if there is one.
  func join(limit: Int) -> Bool {
    if count.add(1, ordering: .relaxed).newValue <= limit { return true }
    leave()
    return false
  }

  /// Gives a place back.
  func leave() {
    count.subtract(1, ordering: .relaxed)
  }
}
