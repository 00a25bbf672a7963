import Primitives
import Testing

@testable import EdgeCore

@Suite("The ledger of deliveries")
struct DeliveryAuditTests {
  /// A place without growth.
  private func position(_ number: Int) -> String { "id:a:\(number)\nevent:position\ndata:{}\n\n" }

  private func ledger(after text: String, cutEvery size: Int = .max) -> DeliveryAudit {
    var ledger = DeliveryAudit()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(size))
      ledger.bytesReceived(piece.span)
      rest = rest.dropFirst(size)
    }
    return ledger
  }

  @Test(
    "The ledger begins at the first event, and further events must add up", arguments: [1, 2, 7, Int.max])
  func balance(size: Int) {
    let text =
      "id:a:10\ndata:{\"X\":7}\n\n:\nid:a:13\ndata:{\"1F4C2\":2,\"2665\":1}\n\n\(position(13)):stale 5s\n"
    let ledger = ledger(after: text, cutEvery: size)
    #expect(ledger.place?.description == "a:13")
    #expect([ledger.received, ledger.missing, ledger.doubled, ledger.resets] == [3, 0, 0, 0])
  }

  @Test("Missing and doubled increments show with their event, and do not cancel each other")
  func imbalance() {
    let ledger = ledger(after: "\(position(10))id:a:15\ndata:{\"X\":3}\n\nid:a:16\ndata:{\"X\":4}\n\n")
    #expect([ledger.received, ledger.missing, ledger.doubled] == [7, 2, 3])
  }

  @Test("Digits and quotes within an id are not parsed")
  func strings() {
    let ledger = ledger(after: "\(position(1))id:a:4\ndata:{\"9\\\"8\":1,\"7\\\\\":2}\n\n")
    #expect([ledger.received, ledger.missing, ledger.doubled] == [3, 0, 0])
  }

  @Test("A place that goes back counts as doubled by the difference")
  func backwards() {
    #expect(ledger(after: "\(position(9))id:a:7\ndata:{\"X\":1}\n\n").doubled == 3)
  }

  @Test("Another lineage starts over")
  func lineage() {
    let text =
      "\(position(9))event:reset\ndata:{\"reason\":\"new_lineage\"}\n\n"
      + "id:b:3\nevent:snapshot\ndata:{\"X\":3}\n\nid:b:4\ndata:{\"X\":1}\n\n"
    let ledger = ledger(after: text)
    #expect(ledger.place?.description == "b:4")
    #expect([ledger.received, ledger.missing, ledger.doubled, ledger.resets] == [1, 0, 0, 1])
  }

  @Test("A reset without a snapshot starts over at its own place")
  func resetAlone() {
    let ledger = ledger(
      after:
        "\(position(9))id:a:40\nevent:reset\ndata:{\"reason\":\"unknown_position\"}\n\nid:a:41\ndata:{\"X\":1}\n\n"
    )
    #expect(ledger.place?.description == "a:41")
    #expect([ledger.received, ledger.missing, ledger.doubled, ledger.resets] == [1, 0, 0, 1])
  }

  @Test("A place without growth must be the one that was reached")
  func movedPosition() {
    #expect(ledger(after: position(9) + position(12)).missing == 3)
  }
}
