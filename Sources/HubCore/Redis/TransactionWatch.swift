/// Detects that Redis refused to end a transaction. The connection is then still inside it, and further commands are
/// only queued.
struct TransactionWatch: Equatable, Sendable {
  private var isOpen = false

  /// Redis answered one of a transaction's commands.
  ///
  /// - Returns: why the transaction continues although it should have ended; nil if it has ended.
  mutating func answered(_ command: String, _ reply: FeedReply) -> FeedRefusal? {
    switch (command, reply.failure) {
    case ("MULTI", nil): isOpen = true
    case ("EXEC", let message?) where isOpen && !Self.hasEnded(message):
      isOpen = false
      return FeedRefusal(request: "EXEC", message: message)
    case ("EXEC", _): isOpen = false
    default: break
    }
    return nil
  }

  /// Whether the refusal ended the transaction. Redis discards a transaction that it cannot execute. A command that
  /// it does not know, or that the user may not run, leaves the transaction open (before Redis 7, which discards it
  /// if a right is missing).
  private static func hasEnded(_ message: String) -> Bool {
    ["EXECABORT", "CROSSSLOT", "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN"].contains { message.hasPrefix($0) }
  }
}

extension FeedReply {
  /// Whether `EXEC` or `DISCARD` was refused only because there is no transaction.
  package var isWithoutTransaction: Bool { failure?.hasSuffix("without MULTI") == true }
}
