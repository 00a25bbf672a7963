import Primitives
import Testing
import Wire

@testable import EdgeCore

struct IdentifiedUpdatesTests {
  private func snapshot(_ lineage: String, _ position: Position, _ total: UInt64) throws -> Message {
    let entries = [ScoreTotal(id: try id("A"), total: total)]
    return .snapshot(
      Snapshot(lineage: try #require(Lineage(lineage)), position: position, isLast: true, entries: entries))
  }

  private func scores(_ position: Position, _ total: UInt64) throws -> Message {
    .scores(
      Scores(
        position: position, hubStampMicroseconds: 0, entries: [ScoreTotal(id: try id("A"), total: total)]))
  }

  private func texts(_ updates: [StreamUpdate], _ kind: StreamKind) -> [String] {
    updates.filter { $0.kind == kind }.map { unchecked(string($0.entry.bytes)) }
  }

  @Test("Nothing is rendered with ids while no client listens to them")
  func nobody() throws {
    var renderer = UpdateRenderer()
    renderer.take(try snapshot("a", 10, 10))
    renderer.take(try scores(11, 11))
    renderer.take(.raw(RawBatch(firstPosition: 11, ids: [try id("A")])))
    #expect(renderer.takeUpdates().allSatisfy { !$0.kind.isIdentified })
  }

  @Test("Events carry the place that is reached with them")
  func places() throws {
    var renderer = UpdateRenderer()
    renderer.clientJoined(.identifiedRaw)
    renderer.clientJoined(.identifiedEPS(.full))
    renderer.take(try snapshot("a", 10, 10))
    _ = renderer.takeUpdates()
    renderer.take(try scores(11, 11))
    renderer.take(.raw(RawBatch(firstPosition: 11, ids: [try id("A")])))
    renderer.take(try scores(13, 13))
    renderer.take(.raw(RawBatch(firstPosition: 12, ids: [try id("A"), try id("A")])))
    let updates = renderer.takeUpdates()
    #expect(texts(updates, .eps(.full)) == ["data:{\"A\":3}\n\n"])
    #expect(texts(updates, .identifiedEPS(.full)) == ["id:a:13\ndata:{\"A\":3}\n\n"])
    #expect(
      texts(updates, .identifiedRaw)
        == ["id:a:11\ndata:A\n\nid:a:12\ndata:A\n\nid:a:13\ndata:A\n\n"])
  }

  @Test("Without checks a place is what an edge of version 0.1 reads, from the moment on when they are off")
  func withoutChecks() throws {
    func ids(_ updates: [StreamUpdate]) -> [Substring] {
      updates.filter(\.kind.isIdentified).flatMap { string($0.entry.bytes).split(separator: "\n") }
        .filter { $0.hasPrefix("id:") }
    }
    var renderer = UpdateRenderer()
    renderer.clientJoined(.identifiedRaw)
    renderer.clientJoined(.identifiedEPS(.full))
    renderer.take(try snapshot("a", 10, 10))
    _ = renderer.takeUpdates()
    for position in Position(11)...13 {
      renderer.givesChecks = position != 12
      renderer.take(try scores(position, position))
      renderer.take(.raw(RawBatch(firstPosition: position, ids: [try id("A")])))
      let ids = ids(renderer.takeUpdates())
      #expect(ids.count == 2)
      for id in ids {
        #expect(id.hasPrefix("id:a:\(position)\(position == 12 ? "" : ":")"))
        #expect(id.split(separator: ":").count == (position == 12 ? 3 : 4), "\(id)")
      }
      let place = renderer.identified.history.place(in: try #require(Lineage("a")))
      #expect((place?.check == nil) == (position == 12))
      #expect((renderer.mirror.published?.check == nil) == (position == 12))
    }
  }

  @Test("Another lineage is announced behind the remaining growth of the previous one")
  func otherLineage() throws {
    var renderer = UpdateRenderer()
    renderer.clientJoined(.identifiedRaw)
    renderer.clientJoined(.identifiedEPS(.full))
    renderer.take(try snapshot("a", 10, 10))
    _ = renderer.takeUpdates()
    renderer.take(try scores(12, 12))
    renderer.take(.raw(RawBatch(firstPosition: 11, ids: [try id("A"), try id("A")])))
    renderer.take(try snapshot("b", 5, 5))
    renderer.take(try scores(6, 6))
    renderer.take(.raw(RawBatch(firstPosition: 6, ids: [try id("A")])))
    let updates = renderer.takeUpdates()
    let reset = "event:reset\ndata:{\"reason\":\"new_lineage\"}\n\n"
    #expect(
      texts(updates, .identifiedEPS(.full)) == [
        "id:a:12\ndata:{\"A\":2}\n\n", reset + "id:b:5\nevent:snapshot\ndata:{\"A\":5}\n\n",
        "id:b:6\ndata:{\"A\":1}\n\n",
      ])
    #expect(
      texts(updates, .identifiedRaw) == [
        "id:a:11\ndata:A\n\nid:a:12\ndata:A\n\n", "id:b:5\n" + reset, "id:b:6\ndata:A\n\n",
      ])
    #expect(texts(updates, .eps(.full)) == ["data:{\"A\":2}\n\n", "data:{\"A\":1}\n\n"])
  }

  @Test("Clients with places do not hear of a lineage that ended in the turn in which it began")
  func briefLineage() throws {
    var renderer = UpdateRenderer()
    renderer.clientJoined(.identifiedEPS(.full))
    renderer.take(try snapshot("a", 10, 10))
    _ = renderer.takeUpdates()
    renderer.take(try scores(12, 12))
    renderer.take(try snapshot("b", 5, 5))
    renderer.take(try scores(6, 6))
    renderer.take(try snapshot("c", 3, 3))
    let updates = renderer.takeUpdates()
    let reset = "event:reset\ndata:{\"reason\":\"new_lineage\"}\n\n"
    #expect(
      texts(updates, .identifiedEPS(.full)) == [
        "id:a:12\ndata:{\"A\":2}\n\n", reset + "id:c:3\nevent:snapshot\ndata:{\"A\":3}\n\n",
      ])
    #expect(texts(updates, .eps(.full)) == ["data:{\"A\":2}\n\n", "data:{\"A\":1}\n\n"])
    renderer.take(try scores(4, 4))
    renderer.take(try snapshot("d", 1, 1))
    #expect(texts(renderer.takeUpdates(), .identifiedEPS(.full)).first == "id:c:4\ndata:{\"A\":1}\n\n")
  }

  @Test("The first totals are announced to no client: a client that wants its place waits for them")
  func firstTotals() throws {
    var renderer = UpdateRenderer()
    renderer.clientJoined(.identifiedRaw)
    renderer.clientJoined(.identifiedEPS(.full))
    renderer.take(try snapshot("a", 12, 12))
    #expect(!renderer.hasUpdates)
    renderer.take(try scores(13, 13))
    #expect(texts(renderer.takeUpdates(), .identifiedEPS(.full)) == ["id:a:13\ndata:{\"A\":1}\n\n"])
  }

  @Test("Raw ids that a snapshot was ahead of do not lead back behind it")
  func aheadOfTheFlush() throws {
    var renderer = UpdateRenderer()
    renderer.clientJoined(.identifiedRaw)
    renderer.take(try snapshot("z", 1, 1))
    renderer.take(try snapshot("a", 12, 12))
    renderer.take(try scores(13, 13))
    renderer.take(.raw(RawBatch(firstPosition: 11, ids: [try id("A"), try id("A"), try id("A")])))
    let text = texts(renderer.takeUpdates(), .identifiedRaw).joined()
    #expect(text == "id:a:12\nevent:reset\ndata:{\"reason\":\"new_lineage\"}\n\nid:a:13\ndata:A\n\n")
  }

  @Test("A snapshot of the same lineage is growth like any other")
  func sameLineage() throws {
    var renderer = UpdateRenderer()
    renderer.clientJoined(.identifiedEPS(.full))
    renderer.take(try snapshot("a", 10, 10))
    _ = renderer.takeUpdates()
    renderer.take(try snapshot("a", 40, 40))
    #expect(texts(renderer.takeUpdates(), .identifiedEPS(.full)) == ["id:a:40\ndata:{\"A\":30}\n\n"])
  }

  @Test(
    "Taken back growth is void at once: clients with places get no growth before they start over"
  )
  func takenBack() throws {
    var renderer = UpdateRenderer()
    renderer.clientJoined(.identifiedRaw)
    renderer.clientJoined(.identifiedEPS(.full))
    renderer.take(try snapshot("a", 10, 10))
    _ = renderer.takeUpdates()
    renderer.take(try scores(14, 14))
    renderer.takeBack([0: 1])
    let updates = renderer.takeUpdates()
    let reset = "event:reset\ndata:{\"reason\":\"corrected\"}\n\n"
    #expect(
      texts(updates, .identifiedEPS(.full)) == [reset + "id:a:13\nevent:snapshot\ndata:{\"A\":13}\n\n"])
    #expect(texts(updates, .identifiedRaw) == ["id:a:13\nevent:reset\ndata:{\"reason\":\"corrected\"}\n\n"])
    #expect(texts(updates, .eps(.full)) == ["data:{\"A\":3}\n\n"])
  }
}
