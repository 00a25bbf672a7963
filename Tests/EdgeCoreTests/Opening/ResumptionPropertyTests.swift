import EdgeCore
import Primitives
import TestSupport
import Testing
import Wire

/// What really happened, in order: it serves as the hub's memory and as the reference.
private struct Truth {
  let lineage: Lineage
  /// The id of each increment; nil for one that a fence found, whose place in the order is unknown.
  private(set) var ids: [ScoreID?] = []
  private var totals: [[ScoreID: UInt64]] = [[:]]

  init(lineage: Lineage) { self.lineage = lineage }

  var position: Position { Position(ids.count) }

  mutating func add(_ id: ScoreID, isOrdered: Bool) {
    totals.append((totals.last ?? [:]).merging([id: 1], uniquingKeysWith: +))
    ids.append(isOrdered ? id : nil)
  }

  func totals(at position: Position) -> [ScoreID: UInt64] { totals[Int(position)] }

  func raw(after start: Position, to end: Position) -> [(Position, ScoreID)] {
    guard start < end else { return [] }
    return (start..<end).compactMap { place in ids[Int(place)].map { (place + 1, $0) } }
  }
}

/// A hub's link to one edge, with the messages on their way.
private struct ModelLink {
  var flushed: Position = 0
  var wantsRaw = false
  var frames: [Message] = []

  mutating func flush(_ truth: Truth) {
    let (before, now) = (truth.totals(at: flushed), truth.totals(at: truth.position))
    let changed = now.filter { before[$0.key] != $0.value }.map { ScoreTotal(id: $0.key, total: $0.value) }
    guard !changed.isEmpty else { return }
    frames.append(.scores(Scores(position: truth.position, hubStampMicroseconds: 0, entries: changed)))
    if wantsRaw {
      for (place, id) in truth.raw(after: flushed, to: truth.position) {
        frames.append(.raw(RawBatch(firstPosition: place, ids: [id])))
      }
    }
    flushed = truth.position
  }

  mutating func answer(_ query: Query, _ truth: Truth, isBusy: Bool) {
    switch query.question {
    case .past(let token):
      guard !isBusy else {
        return frames.append(.pastTotals(PastTotals(id: query.id, outcome: .unavailable)))
      }
      guard token.lineage == truth.lineage, token.position <= flushed else {
        return frames.append(.pastTotals(PastTotals(id: query.id, outcome: .unknown)))
      }
      let entries = truth.totals(at: token.position).map { ScoreTotal(id: $0.key, total: $0.value) }
      frames += PastTotals.parts(id: query.id, entries: entries).map(Message.pastTotals)
    case .order(let token):
      guard !isBusy else { return frames.append(.order(Order(id: query.id, outcome: .unavailable))) }
      guard token.lineage == truth.lineage, token.position <= flushed else {
        return frames.append(.order(Order(id: query.id, outcome: .unknown)))
      }
      let runs = truth.raw(after: token.position, to: flushed).map { (firstPosition: $0.0, ids: [$0.1]) }
      frames += Order.parts(id: query.id, runs: runs).map(Message.order)
    case .tweets: frames.append(.tweets(Tweets(id: query.id, outcome: .unknown)))
    case .fence: frames.append(.fenced(Fenced(id: query.id, outcome: .unavailable)))
    }
  }
}

/// A client: it adds up what it receives, and knows its place.
private struct ModelClient {
  let kind: StreamKind
  var edge: Int?
  var isWaiting = false
  /// The number of its connections. Bytes for an earlier connection never reach it.
  var generation: UInt32 = 0
  var place: ResumeToken?
  /// The place where it began.
  var start: Position?
  var totals: [ScoreID: UInt64] = [:]
  var raw: [(Position, ScoreID)] = []
  var resets = 0

  mutating func take(_ bytes: [UInt8]) throws {
    for event in seenEvents(in: bytes) {
      if event.name == "reset" { resets += 1 }
      if let id = event.id {
        let token = try #require(ResumeToken(id.utf8))
        if let place { try #require(token.position >= place.position, "a place never goes back") }
        place = token
      }
      guard event.name == "message" || event.name == "snapshot" else { continue }
      if kind == .identifiedRaw {
        raw.append((try #require(place).position, try id(event.data)))
      } else {
        if event.name == "snapshot" { totals = [:] }
        for (name, amount) in try amounts(in: event.data) { totals[try id(name), default: 0] += amount }
      }
    }
  }
}

struct ResumptionPropertyTests {
  /// Two edges at one hub, each with its own turns. Clients join, leave, and return to either of them.
  @Test("A returning client, at any edge, has exactly what happened since its beginning", arguments: 1...20)
  func exactness(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var truth = Truth(lineage: try #require(Lineage("L")))
    let names = try (0..<6).map { try id("ID\($0)") }
    var edges = [ModelEdge(), ModelEdge()]
    var links = [ModelLink(), ModelLink()]
    for index in 0..<2 {
      edges[index].renderer.take(
        .snapshot(Snapshot(lineage: truth.lineage, position: 0, isLast: true, entries: [])))
      _ = edges[index].turn()
    }
    var clients = (0..<8).map { index in
      ModelClient(kind: index % 2 == 0 ? .identifiedEPS(.full) : .identifiedRaw)
    }

    func perform(_ actions: [OpeningResolver.Action], of index: Int) throws {
      for action in actions {
        switch action {
        case .ask(let query):
          links[index].wantsRaw = true
          links[index].answer(query, truth, isBusy: Int.random(in: 0..<5, using: &random) == 0)
        case .admit: Issue.record("the totals are known")
        case .open(let opened, let bytes):
          for opened in opened where opened.id.generation == clients[Int(opened.id.slot)].generation {
            let client = Int(opened.id.slot)
            clients[client].isWaiting = false
            let isNew = clients[client].place == nil
            try clients[client].take(bytes)
            if isNew {
              clients[client].start = clients[client].place?.position
              if clients[client].kind != .identifiedRaw, clients[client].totals.isEmpty {
                clients[client].totals = truth.totals(at: clients[client].start ?? 0)
              }
            }
          }
        }
      }
    }

    func turn(_ index: Int) throws {
      let (updates, actions) = edges[index].turn()
      for update in updates {
        for client in clients.indices
        where clients[client].edge == index && !clients[client].isWaiting
          && clients[client].kind == update.kind
        {
          try clients[client].take(update.entry.bytes)
        }
      }
      try perform(actions, of: index)
    }

    func receive(_ index: Int, count: Int) throws {
      for message in links[index].frames.prefix(count) {
        switch message {
        case .pastTotals, .order, .tweets:
          let actions = edges[index].answer(message)
          try perform(actions, of: index)
        default: edges[index].renderer.take(message)
        }
      }
      links[index].frames.removeFirst(min(count, links[index].frames.count))
      try turn(index)
    }

    func check() throws {
      for client in clients {
        guard let place = client.place, let start = client.start else { continue }
        if client.kind == .identifiedRaw {
          let expected = truth.raw(after: start, to: place.position)
          try #require(client.raw.map(\.0) == expected.map(\.0), "seed \(seed)")
          try #require(client.raw.map(\.1) == expected.map(\.1), "seed \(seed)")
        } else {
          try #require(client.totals == truth.totals(at: place.position), "seed \(seed)")
        }
      }
    }

    for step in 0..<400 {
      for index in 0..<2 { edges[index].now = moment(Int64(step) * 10) }
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let isOrdered = Int.random(in: 0..<50, using: &random) != 0
        truth.add(names.randomElement(using: &random) ?? names[0], isOrdered: isOrdered)
      }
      for index in 0..<2 {
        if Int.random(in: 0..<2, using: &random) == 0 {
          links[index].flush(truth)
        }
        if Int.random(in: 0..<3, using: &random) == 0 {
          let count = links[index].frames.count
          try receive(
            index, count: Bool.random(using: &random) ? count : Int.random(in: 0...count, using: &random))
        }
      }
      for client in clients.indices where Int.random(in: 0..<30, using: &random) == 0 {
        if let edge = clients[client].edge {
          edges[edge].renderer.clientLeft(clients[client].kind)
          clients[client].edge = nil
          clients[client].generation += 1
          clients[client].isWaiting = false
        } else {
          let edge = Int.random(in: 0..<2, using: &random)
          if clients[client].kind == .identifiedRaw { links[edge].wantsRaw = true }
          let isFirst = clients[client].place == nil
          let options = StreamOptions(
            isResumable: true, hasSnapshot: isFirst && Bool.random(using: &random))
          clients[client].edge = edge
          clients[client].isWaiting = true
          edges[edge].request(
            Int32(client), clients[client].kind, options,
            clients[client].place.map { .token($0) } ?? .beginning, generation: clients[client].generation)
        }
      }
      if step % 20 == 0 { try check() }
    }
    try check()
    #expect(clients.reduce(0) { $0 + $1.resets } == 0, "seed \(seed)")
    #expect(clients.contains { $0.place.map { $0.position > 200 } ?? false })
  }
}
