import Testing

@testable import HubCore

@Suite struct TransactionWatchTests {
  private var watch = TransactionWatch()

  private mutating func end(_ reply: FeedReply) -> FeedRefusal? {
    for (command, reply) in [
      ("SET", FeedReply.text(nil)), ("MULTI", .status("OK")), ("GET", .status("QUEUED")),
    ] {
      #expect(watch.answered(command, reply) == nil)
    }
    return watch.answered("EXEC", reply)
  }

  @Test("A command that is unknown, or not allowed, ends no transaction")
  mutating func stranded() {
    #expect(end(.failure("ERR unknown command 'EXEC'"))?.message == "ERR unknown command 'EXEC'")
    #expect(end(.failure("NOPERM no"))?.isMissingRight == true)
    #expect(watch.answered("EXEC", .failure("NOPERM no")) == nil, "it was told, and there is one way out")
  }

  @Test("A transaction that Redis executes or discards has ended")
  mutating func ended() {
    for reply in [
      FeedReply.list([]), .list(nil), .failure("EXECABORT x"), .failure("CROSSSLOT x"),
      .failure("MOVED 1 h:1"),
    ] {
      #expect(end(reply) == nil)
    }
  }

  @Test("Without MULTI there is no transaction to leave")
  mutating func neverBegun() {
    #expect(watch.answered("MULTI", .failure("ERR unknown command 'MULTI'")) == nil)
    #expect(watch.answered("EXEC", .failure("ERR unknown command 'EXEC'")) == nil)
  }
}
