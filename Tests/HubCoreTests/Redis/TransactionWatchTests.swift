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

  @Test("a command that is not known, or not allowed, ends no transaction")
  mutating func stranded() {
    #expect(end(.failure("ERR unknown command 'EXEC'"))?.message == "ERR unknown command 'EXEC'")
    #expect(end(.failure("NOPERM no"))?.isMissingRight == true)
    #expect(watch.answered("EXEC", .failure("NOPERM no")) == nil, "it was told, and there is one way out")
  }

  @Test("what Redis executes or discards is over")
  mutating func ended() {
    for reply in [
      FeedReply.list([]), .list(nil), .failure("EXECABORT x"), .failure("CROSSSLOT x"),
      .failure("MOVED 1 h:1"),
    ] {
      #expect(end(reply) == nil)
    }
  }

  @Test("without MULTI there is nothing to leave")
  mutating func neverBegun() {
    #expect(watch.answered("MULTI", .failure("ERR unknown command 'MULTI'")) == nil)
    #expect(watch.answered("EXEC", .failure("ERR unknown command 'EXEC'")) == nil)
  }
}
