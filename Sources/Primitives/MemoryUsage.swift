/// How much of its memory limit a group of processes uses, in bytes.
package struct MemoryUsage: Equatable, Sendable {
  /// The kernel kills a process of the group rather than give it more; at least 1.
  package let limit: UInt64
  /// What the group uses, without files in memory that the kernel drops first.
  package let used: UInt64

  /// The use of a group.
  package init(limit: UInt64, used: UInt64) {
    precondition(limit > 0, "a group without memory has no process")
    self.limit = limit
    self.used = used
  }

  /// The part of the limit that is used; above 1 while the kernel reclaims memory.
  package var share: Double { Double(used) / Double(limit) }
}
