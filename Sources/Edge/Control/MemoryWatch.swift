import EdgeCore
import Logging
import Primitives
import Reactor

/// Watches the memory limit of the process, and performs what the ``EdgeCore/MemoryGuard`` decides.
///
/// Reading takes some files of the kernel, and trimming the heap milliseconds, so it is the thread of the links that does
/// both, and no worker.
final class MemoryWatch {
  private let limit = MemoryLimit()
  private let mailboxes: Mailboxes
  private let loop: EventLoop
  private let logger: Logger
  private var memoryGuard = MemoryGuard()
  /// The memory as last read; nil without a limit.
  private(set) var health: MemoryHealth?
  /// Called when the edge's memory allows more or less than before.
  var changed: () -> Void = {}

  init(mailboxes: Mailboxes, loop: EventLoop, logger: Logger) {
    self.mailboxes = mailboxes
    self.loop = loop
    self.logger = logger
    look()
  }

  private func look() {
    let now = loop.now
    var usage = limit.usage()
    if memoryGuard.trimIsDue(usage, now: now) {
      ProcessResources.trimHeap()
      usage = limit.usage()
    }
    let action = memoryGuard.observed(usage, now: now)
    health = usage.map { MemoryHealth(usage: $0, state: memoryGuard.state) }
    if let state = action.change {
      log(state)
      changed()
    }
    if action.closedShare > 0 { mailboxes.broadcast(.closeSlowest(share: action.closedShare)) }
    loop.schedule(at: now.advanced(by: memoryGuard.lookInterval)) { [weak self] in self?.look() }
  }

  private func log(_ state: MemoryGuard.State) {
    let metadata: Logger.Metadata = [
      "state": "\(state.word)", "limit_bytes": "\(health?.usage.limit ?? 0)",
      "used_bytes": "\(health?.usage.used ?? 0)",
    ]
    switch state {
    case .ample: logger.notice("there is enough memory again: new clients are accepted", metadata: metadata)
    case .refusing:
      logger.warning(
        "memory is short: new clients are rejected; lower clients.maximum, or raise the limit",
        metadata: metadata)
    case .releasing:
      logger.warning(
        "memory is nearly used up: no connection is accepted, and the slowest clients that lag are closed",
        metadata: metadata)
    }
  }
}
