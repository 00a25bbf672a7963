import Primitives
import Testing

/// The code that proves that nothing is lost must itself notice a loss.
@Suite("The accounts of a client")
struct GrowthLedgerTests {
  private static func ledger(_ stream: String...) -> GrowthLedger {
    var ledger = GrowthLedger(.resuming)
    for text in stream {
      var parser = EventStreamParser()
      parser.append(Array(text.utf8))
      ledger.connectionOpened()
      for event in parser.takeEvents() { ledger.received(event) }
      ledger.looked(emptyBlocks: parser.emptyBlockCount)
    }
    return ledger
  }

  private static let beginning = """
    retry:100
    event:snapshot
    id:L:5
    data:{"a":3,"b":2}

    id:L:7
    data:{"a":1,"c":1}


    """

  @Test("A snapshot, growth and two resumptions, one of them without growth, are in order")
  func inOrder() {
    let ledger = Self.ledger(
      Self.beginning, "id:L:9\ndata:{\"a\":2}\n\n", "id:L:9\nevent:position\ndata:{}\n\n")
    #expect(ledger.violations == [])
    #expect(ledger.totals == ["a": 6, "b": 2, "c": 1])
    #expect(ledger.token == "L:9")
    #expect(ledger.snapshotCount == 1)
    #expect(ledger.eventCount == 2)
    #expect(ledger.resumptionCount == 2)
    #expect(ledger.balance(against: ["a": 6, "b": 2, "c": 1]) == .init())
  }

  @Test("Two ids that are equal in Unicode are two ids, in whatever order they arrive")
  func equivalentIDs() {
    let ledger = Self.ledger(
      "event:snapshot\nid:L:3\ndata:{\"\u{e9}\":1,\"e\u{301}\":2}\n\n"
        + "id:L:8\ndata:{\"e\u{301}\":4,\"\u{e9}\":1}\n\nid:L:9\ndata:{\"\u{e9}\":1}\n\n")
    #expect(ledger.violations == [])
    #expect(ledger.totals == ["\u{e9}": 3, "e\u{301}": 6])
    #expect(ledger.balance(against: ["\u{e9}": 4, "e\u{301}": 5]) == .init(lost: 1, doubled: 1))
  }

  @Test("Lost and doubled increments are counted separately")
  func balance() {
    let ledger = Self.ledger(Self.beginning)
    #expect(ledger.balance(against: ["a": 6, "b": 1, "d": 4]) == .init(lost: 6, doubled: 2))
  }

  @Test("A reset with a snapshot starts over, even at an earlier position or in another lineage")
  func reset() {
    let unknown =
      "event:reset\ndata:{\"reason\":\"unknown_position\"}\n\nevent:snapshot\nid:L:6\ndata:{\"a\":6}\n\n"
    let lineage =
      "event:reset\ndata:{\"reason\":\"new_lineage\"}\n\nevent:snapshot\nid:M:1\ndata:{\"a\":1}\n\n"
    let ledger = Self.ledger(Self.beginning, unknown, lineage)
    #expect(ledger.violations == [])
    #expect(ledger.resets == ["unknown_position": 1, "new_lineage": 1])
    #expect(ledger.lineages.map(\.description).sorted() == ["L", "M"])
    #expect(ledger.resumptionCount == 0)
    #expect(ledger.totals == ["a": 1])
  }

  @Test(
    "Each broken promise is noticed at once",
    arguments: [
      ("id:L:9\ndata:{\"a\":1}\n\n", "totals of 8 at L:9"),
      ("id:L:8\ndata:{\"a\":2}\n\n", "totals of 9 at L:8"),
      ("id:L:7\ndata:{\"a\":1}\n\n", "L:7 follows L:7"),
      ("id:M:8\ndata:{\"a\":1}\n\n", "M:8 follows L:7 without a reset"),
      ("id:L:7\n\n", "a block without data, at L:7"),
      ("id:L:8\nevent:position\ndata:{}\n\n", "the position L:8 came, at L:7"),
      ("data:{\"a\":1}\n\n", "the id ''"),
      ("id:L:8\ndata:{\"a\":-1}\n\n", "the data {\"a\":-1}"),
      ("event:snapshot\nid:L:7\ndata:{\"a\":7}\n\n", "a snapshot that nobody asked for, at L:7"),
      ("event:other\nid:L:7\ndata:{}\n\n", "an event named other"),
    ])
  func broken(stream: String, violation: String) {
    #expect(Self.ledger(Self.beginning, stream).violations.first == violation)
  }

  @Test("Growth instead of a required snapshot is noticed")
  func missingSnapshot() {
    #expect(Self.ledger("id:L:1\ndata:{\"a\":1}\n\n").violations.count == 1)
    let reset = "event:reset\ndata:{\"reason\":\"unknown_position\"}\n\nid:L:8\ndata:{\"a\":1}\n\n"
    #expect(Self.ledger(Self.beginning, reset).violations.count == 1)
  }
}
