import HTTP
import Primitives

/// The memory of an edge with a limit, and what it allows.
package struct MemoryHealth: Equatable, Sendable {
  /// The limit and what is used of it.
  package let usage: MemoryUsage
  /// What the memory allows.
  package let state: MemoryGuard.State

  /// The memory at a moment.
  package init(usage: MemoryUsage, state: MemoryGuard.State) {
    self.usage = usage
    self.state = state
  }

  /// Whether new clients are rejected.
  package var isShort: Bool { state > .ample }

  /// Whether new connections are closed at once.
  package var isNearlyUsedUp: Bool { state == .releasing }

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("state", state.word)
      $0.member("limit_bytes", usage.limit)
      $0.member("used_bytes", usage.used)
    }
  }
}
