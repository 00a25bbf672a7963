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
  private let logger: Logger
  private var memoryGuard = MemoryGuard()

  init(mailboxes: Mailboxes, logger: Logger) {
    self.mailboxes = mailboxes
    self.logger = logger
  }

  /// To be called every second.
  ///
  /// - Returns: the memory at present; nil without a limit.
  func secondPassed() -> MemoryHealth? {
    let usage = limit.usage()
    let action = memoryGuard.secondPassed(usage)
    let health = usage.map { MemoryHealth(usage: $0, state: memoryGuard.state) }
    if let change = action.change { log(change, health) }
    if action.closedShare > 0 { mailboxes.broadcast(.closeSlowest(share: action.closedShare)) }
    if action.trimsHeap { ProcessResources.trimHeap() }
    return health
  }

  private func log(_ state: MemoryGuard.State, _ health: MemoryHealth?) {
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
        "memory is nearly used up: the slowest of the clients that lag are closed", metadata: metadata)
    }
  }
}
