/// Tells when Redis refused to end a transaction. The connection is then still inside it, and whatever is sent is queued.
struct TransactionWatch: Equatable, Sendable {
  private var isOpen = false

  /// One of a transaction's commands was answered.
  ///
  /// - Returns: why the transaction goes on though it was to end; nil if it does not.
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

  /// Whether the transaction ended with the refusal. Redis discards one that it cannot execute; a command that it does not know, or
  /// that the user may not give, is nothing to it (before Redis 7, which discards for want of a right).
  private static func hasEnded(_ message: String) -> Bool {
    ["EXECABORT", "CROSSSLOT", "MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN"].contains { message.hasPrefix($0) }
  }
}

extension FeedReply {
  /// True if `EXEC` or `DISCARD` was refused for no other reason than that there is no transaction.
  public var isWithoutTransaction: Bool { failure?.hasSuffix("without MULTI") == true }
}
