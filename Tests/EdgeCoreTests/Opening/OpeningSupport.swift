import EdgeCore
import Primitives
import Testing
import Wire

/// An edge without threads: the hub's messages are its input, the clients' bytes its output.
struct ModelEdge {
  var renderer = UpdateRenderer()
  var resolver = OpeningResolver()
  var now = moment(0)

  /// Ends a turn.
  mutating func turn() -> (updates: [StreamUpdate], actions: [OpeningResolver.Action]) {
    let updates = renderer.takeUpdates()
    return (updates, resolver.updatesMerged(into: &renderer, now: now))
  }

  /// The hub answers.
  mutating func answer(_ message: Message) -> [OpeningResolver.Action] {
    resolver.answered(message, for: &renderer, now: now)
  }

  mutating func request(
    _ slot: Int32, _ kind: StreamKind, _ options: StreamOptions, _ point: ResumePoint, generation: UInt32 = 0
  ) {
    renderer.clientJoined(kind)
    let client = OpeningClient(worker: 0, ClientID(slot: slot, generation: generation))
    resolver.requested(client, Subscription(kind, options: options, from: point), now: now)
  }
}

extension OpeningResolver.Action {
  var opened: (slots: [Int32], text: String)? {
    if case .open(let clients, let bytes) = self {
      (clients.map(\.id.slot), unchecked(string(bytes)))
    } else {
      nil
    }
  }

  var admitted: [Int32]? { if case .admit(let clients) = self { clients.map(\.id.slot) } else { nil } }

  var query: Query? { if case .ask(let query) = self { query } else { nil } }
}

/// An event of a stream, as a client sees it.
struct SeenEvent: Equatable {
  var name = "message"
  var id: String?
  var data = ""
}

/// The events of a stream, without lines in front of them that are not part of an event.
func seenEvents(in bytes: [UInt8]) -> [SeenEvent] {
  string(bytes).split(separator: "\n\n").map { block in
    var event = SeenEvent()
    #expect(block.contains("data:"), "a block without data is an empty message to many clients")
    for line in block.split(separator: "\n") {
      if line.hasPrefix("id:") { event.id = String(line.dropFirst(3)) }
      if line.hasPrefix("event:") { event.name = String(line.dropFirst(6)) }
      if line.hasPrefix("data:") { event.data = String(line.dropFirst(5)) }
    }
    return event
  }
}

/// `{"A":1,"B":2}` as numbers.
func amounts(in data: String) throws -> [String: UInt64] {
  try sums(in: Array("data:\(data)\n".utf8))
}
