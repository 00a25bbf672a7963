import Primitives
import Testing

/// A client of `eps` with places and a snapshot that checks its accounts, and moves to another edge on request.
final class Bookkeeper {
  private static let path = "/subscribe/eps?resume=1&snapshot=1"

  private var stream: SSEClient
  private var seen = 0
  private var books = GrowthLedger(.resuming)

  /// A new client.
  init(at edge: EdgeNode) throws {
    stream = try edge.client(Self.path)
    books.connectionOpened()
  }

  /// Its accounts, with everything that has arrived.
  var ledger: GrowthLedger {
    let events = stream.events
    for event in events[seen...] { books.received(event) }
    seen = events.count
    return books
  }

  /// Its totals, without those that are zero.
  var totals: [String: UInt64] {
    Dictionary(uniqueKeysWithValues: ledger.totals.filter { $0.value > 0 }.map { ("\($0.key)", $0.value) })
  }

  /// Whether its stream is open.
  var isConnected: Bool { !stream.isEnded }

  /// Reconnects to an edge, with its place.
  func move(to edge: EdgeNode) throws {
    let token = ledger.token
    stream.close()
    stream = try SSEClient(Self.path, at: edge.address, fields: "Last-Event-ID: \(token)\r\n")
    seen = 0
    books.connectionOpened()
  }

  /// Waits until it has exactly these totals.
  func expect(_ totals: [String: UInt64], within limit: Duration = .seconds(15)) throws {
    do {
      try wait(for: "\(totals)", within: limit) { self.totals == totals }
    } catch {
      Issue.record("the client holds \(self.totals) at \(ledger.token), and not \(totals)")
    }
    #expect(ledger.violations == [])
  }
}
