import EdgeCore
import HTTP
import Primitives
import TestSupport
import Testing
import Wire

struct DeliveryStreamTests {
  private let now = moment(0)

  private func stream(_ kind: StreamKind, bufferMaximum: Int = 1 << 20) -> DeliveryStream<Int32> {
    DeliveryStream(
      kind: kind, lagMaximum: .seconds(60), bufferMaximum: bufferMaximum, now: now,
      renderSum: UpdateRenderer.renderSum)
  }

  private func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

  private func raw(_ text: String) -> StreamEntry {
    StreamEntry(bytes: Array("data:\(text)\n\n".utf8), eventCount: 1)
  }

  private func eps(_ pairs: [(String, UInt64)]) throws -> StreamEntry {
    let growth = try growth(pairs)
    return StreamEntry(bytes: UpdateRenderer.renderSum(growth), eventCount: 1, growth: growth)
  }

  @Test("Clients in step get one entry as it is, and several entries of raw as one write")
  func inStep() {
    let stream = stream(.raw)
    stream.join(1, channel: 11, at: now)
    stream.append(raw("A"), at: now)
    #expect(text(stream.takeFlush(at: now)) == "data:A\n\n")
    #expect(stream.takeFlush(at: now) == nil)
    stream.append(raw("B"), at: now)
    stream.append(raw("C"), at: now)
    #expect(text(stream.takeFlush(at: now)) == "data:B\n\ndata:C\n\n")
    #expect(stream.counters.eventsSent == 3)
  }

  @Test("Several entries of eps in one turn become one event")
  func summedTurn() throws {
    let stream = stream(.eps(.full))
    stream.join(1, channel: 11, at: now)
    stream.append(try eps([("A", 1), ("B", 2)]), at: now)
    stream.append(try eps([("A", 3)]), at: now)
    let bytes = try #require(stream.takeFlush(at: now))
    #expect(try sums(in: bytes) == ["A": 4, "B": 2])
    #expect(text(bytes)?.filter { $0 == "\n" }.count == 2, "it is a single event")
  }

  @Test("A client that joins later gets no earlier entries")
  func joinsAtHead() {
    let stream = stream(.raw)
    stream.append(raw("A"), at: now)
    #expect(stream.takeFlush(at: now) == nil)
    stream.join(1, channel: 11, at: now)
    stream.append(raw("B"), at: now)
    #expect(text(stream.takeFlush(at: now)) == "data:B\n\n")
  }

  @Test("The last client takes the place of one that leaves, and both arrays stay in step")
  func leaving() {
    let stream = stream(.raw)
    for slot in Int32(1)...4 { stream.join(slot, channel: slot + 10, at: now) }
    stream.leave(2)
    stream.leave(4)
    #expect(stream.slots.sorted() == [1, 3])
    #expect(stream.slots.map { $0 + 10 } == stream.channels)
    stream.leave(9)
    #expect(stream.clientCount == 2)
  }

  @Test("A client cut inside an event gets its rest first, and then one exact sum of what it missed")
  func summedCatchUp() throws {
    let stream = stream(.eps(.full))
    stream.join(1, channel: 11, at: now)
    stream.append(try eps([("A", 1)]), at: now)
    let cut = try #require(stream.takeFlush(at: now))
    stream.fellBehind(1, payload: cut, sent: 5, at: now)
    #expect(stream.laggardCount == 1)
    for tick in 1...5 {
      stream.append(try eps([("A", 10), ("B", 1)]), at: moment(Int64(tick) * 17))
      #expect(stream.takeFlush(at: now) == nil, "there is nobody in step")
      stream.trim(at: moment(Int64(tick) * 17))
    }
    #expect(stream.nextWrite() == nil, "its socket has no room yet")
    stream.becameWritable(1)
    let first = try #require(stream.nextWrite())
    #expect(first.bytes == cut && first.start == 5 && first.channel == 11)
    stream.wrote(1, count: cut.count - 5, at: moment(100))
    let second = try #require(stream.nextWrite())
    #expect(try sums(in: second.bytes) == ["A": 50, "B": 5])
    stream.wrote(1, count: second.bytes.count, at: moment(100))
    #expect(stream.nextWrite() == nil)
    #expect(stream.laggardCount == 0 && stream.slots == [1], "it is in step again")
    stream.append(try eps([("A", 1)]), at: moment(120))
    #expect(try sums(in: #require(stream.takeFlush(at: now))) == ["A": 1])
  }

  @Test("Clients at the same place share one rendering, and others get their own sums")
  func sharedSums() throws {
    let stream = stream(.eps(.full))
    for slot in Int32(1)...3 { stream.join(slot, channel: slot, at: now) }
    stream.append(try eps([("A", 1)]), at: now)
    let first = try #require(stream.takeFlush(at: now))
    stream.fellBehind(1, payload: first, sent: 0, at: now)
    stream.fellBehind(2, payload: first, sent: 0, at: now)
    stream.append(try eps([("A", 2)]), at: now)
    let second = try #require(stream.takeFlush(at: now))
    stream.fellBehind(3, payload: second, sent: 0, at: now)
    stream.append(try eps([("A", 4)]), at: now)
    #expect(stream.takeFlush(at: now) == nil)
    var received: [Int32: UInt64] = [:]
    for slot in Int32(1)...3 { stream.becameWritable(slot) }
    while let write = stream.nextWrite() {
      received[write.slot, default: 0] += try #require(try sums(in: write.bytes)["A"])
      stream.wrote(write.slot, count: write.bytes.count, at: now)
    }
    #expect(received == [1: 7, 2: 7, 3: 6])
    #expect(stream.slots.count == 3)
  }

  @Test("A client that lags is behind since the first entry that it has not been given, whatever it takes")
  func behind() throws {
    let stream = stream(.raw)
    for slot in Int32(1)...3 { stream.join(slot, channel: slot, at: now) }
    #expect(stream.behind.isEmpty, "clients in step are not behind")
    func flush(at time: Int64, shortTo slot: Int32) throws {
      stream.append(raw("A"), at: moment(time))
      let payload = try #require(stream.takeFlush(at: moment(time)))
      stream.fellBehind(slot, payload: payload, sent: 1, at: moment(time))
      stream.trim(at: moment(time))
    }
    try flush(at: 1_000, shortTo: 1)
    try flush(at: 2_000, shortTo: 2)
    // A byte now and then makes a client no faster.
    stream.becameWritable(1)
    _ = try #require(stream.nextWrite())
    stream.wrote(1, count: 1, at: moment(2_500))
    let since = Dictionary(uniqueKeysWithValues: stream.behind.map { ($0.slot, $0.since) })
    #expect(since == [1: moment(2_000), 2: moment(2_000)], "nothing followed for the second one")
    try flush(at: 3_000, shortTo: 3)
    let later = Dictionary(uniqueKeysWithValues: stream.behind.map { ($0.slot, $0.since) })
    #expect(later == [1: moment(2_000), 2: moment(3_000), 3: moment(3_000)])
  }

  @Test("A lagging client of raw skips whole events, oldest first, and they are counted")
  func skipping() throws {
    let stream = stream(.raw, bufferMaximum: 20)
    stream.join(1, channel: 11, at: now)
    stream.append(raw("A"), at: now)
    stream.fellBehind(1, payload: try #require(stream.takeFlush(at: now)), sent: 3, at: now)
    for name in ["B", "C", "D", "E"] {
      stream.append(raw(name), at: now)
      _ = stream.takeFlush(at: now)
      stream.trim(at: now)
    }
    var received = ""
    stream.becameWritable(1)
    while let write = stream.nextWrite() {
      received += String(decoding: write.bytes[write.start...], as: UTF8.self)
      stream.wrote(1, count: write.bytes.count - write.start, at: now)
    }
    #expect(received == "a:A\n\ndata:D\n\ndata:E\n\n")
    #expect(stream.counters.eventsSkipped == 2)
    #expect(stream.counters.eventsSent == 3)
  }

  @Test(
    "A client that takes nothing for too long is overdue, and so is a client of eps beyond the longest sum")
  func overdue() throws {
    let stream = stream(.eps(.full))
    for slot in Int32(1)...2 { stream.join(slot, channel: slot, at: now) }
    stream.append(try eps([("A", 1)]), at: now)
    let payload = try #require(stream.takeFlush(at: now))
    for slot in Int32(1)...2 { stream.fellBehind(slot, payload: payload, sent: 0, at: now) }
    #expect(stream.overdue(at: moment(60_000)).isEmpty)
    stream.wrote(1, count: 1, at: moment(50_000))
    let late = stream.overdue(at: moment(60_001))
    #expect(late.map(\.slot) == [2] && late.map(\.reason) == [.writeTimeout])
    stream.leave(2)
    stream.append(try eps([("A", 1)]), at: moment(1_000))
    _ = stream.takeFlush(at: now)
    stream.append(try eps([("A", 1)]), at: moment(62_000))
    _ = stream.takeFlush(at: now)
    stream.trim(at: moment(62_000))
    #expect(stream.overdue(at: moment(62_000)).map(\.reason) == [.lagged])
  }

  @Test("A response head that did not fit is finished before the first event")
  func laggingJoin() throws {
    let stream = stream(.raw)
    stream.append(raw("before"), at: now)
    _ = stream.takeFlush(at: now)
    stream.joinLagging(1, channel: 11, pending: Array("HTTP/1.1".utf8), sent: 4, at: now)
    stream.append(raw("A"), at: now)
    _ = stream.takeFlush(at: now)
    stream.becameWritable(1)
    var received = ""
    while let write = stream.nextWrite() {
      received += String(decoding: write.bytes[write.start...], as: UTF8.self)
      stream.wrote(1, count: write.bytes.count - write.start, at: now)
    }
    #expect(received == "/1.1data:A\n\n")
  }

  private func identified(_ text: String, _ amount: UInt64, _ place: String) throws -> StreamEntry {
    let growth = try growth([(text, amount)])
    let id = try EventID(place.utf8)
    return StreamEntry(bytes: UpdateRenderer.renderSum(growth, id: id), eventCount: 1, growth: growth, id: id)
  }

  private let reset = StreamEntry(bytes: Array("event:reset\n\n".utf8), eventCount: 1, isReset: true)

  @Test("A sum carries the place of its last entry")
  func summedPlaces() throws {
    let stream = stream(.identifiedEPS(.full))
    for slot in Int32(1)...2 { stream.join(slot, channel: slot, at: now) }
    stream.append(try identified("A", 1, "a:1"), at: now)
    stream.fellBehind(2, payload: try #require(stream.takeFlush(at: now)), sent: 0, at: now)
    stream.append(try identified("A", 2, "a:3"), at: now)
    stream.append(try identified("A", 4, "a:7"), at: now)
    stream.append(StreamEntry(bytes: Array(":\n\n".utf8), eventCount: 0), at: now)
    #expect(text(stream.takeFlush(at: now)) == "id:a:7\ndata:{\"A\":6}\n\n")
    stream.becameWritable(2)
    var received = ""
    while let write = stream.nextWrite() {
      received += String(decoding: write.bytes, as: UTF8.self)
      stream.wrote(write.slot, count: write.bytes.count, at: now)
    }
    #expect(received == "id:a:1\ndata:{\"A\":1}\n\nid:a:7\ndata:{\"A\":6}\n\n")
  }

  @Test("Entries before and after the beginning of another history are summed separately")
  func summedReset() throws {
    let stream = stream(.identifiedEPS(.full))
    stream.join(1, channel: 1, at: now)
    stream.append(try identified("A", 1, "a:1"), at: now)
    stream.append(try identified("A", 2, "a:3"), at: now)
    stream.append(reset, at: now)
    stream.append(try identified("A", 4, "b:4"), at: now)
    stream.append(try identified("A", 8, "b:12"), at: now)
    #expect(
      text(stream.takeFlush(at: now))
        == "id:a:3\ndata:{\"A\":3}\n\nevent:reset\n\nid:b:12\ndata:{\"A\":12}\n\n")
    stream.append(reset, at: now)
    stream.append(StreamEntry(bytes: Array(":\n\n".utf8), eventCount: 0), at: now)
    #expect(text(stream.takeFlush(at: now)) == "event:reset\n\n")
  }

  @Test(
    "A client that lags when another history begins is released",
    arguments: [StreamKind.identifiedEPS(.full), .identifiedRaw])
  func resetWhileLagging(kind: StreamKind) throws {
    let stream = stream(kind)
    for slot in Int32(1)...2 { stream.join(slot, channel: slot, at: now) }
    stream.append(try identified("A", 1, "a:1"), at: now)
    stream.fellBehind(1, payload: try #require(stream.takeFlush(at: now)), sent: 0, at: now)
    #expect(stream.overdue(at: now).isEmpty)
    stream.append(reset, at: now)
    stream.fellBehind(2, payload: try #require(stream.takeFlush(at: now)), sent: 0, at: now)
    let overdue = stream.overdue(at: now)
    #expect(overdue.map(\.slot) == [1] && overdue.map(\.reason) == [.lagged])
    for slot in Int32(1)...2 { stream.becameWritable(slot) }
    var served: [Int32] = []
    while let write = stream.nextWrite() {
      served.append(write.slot)
      stream.wrote(write.slot, count: write.bytes.count, at: now)
    }
    #expect(served.sorted() == [1, 2], "the rest of what they were cut in, and no more")
    #expect(stream.slots == [2])
    stream.append(try identified("A", 1, "b:1"), at: now)
    _ = stream.takeFlush(at: now)
    stream.becameWritable(1)
    #expect(stream.nextWrite() == nil)
  }

  @Test("The rest of a long beginning follows the part that was cut, before any event")
  func longOpening() {
    let stream = stream(.identifiedRaw)
    let shared = SharedBytes(Array("0123456789".utf8))
    stream.joinLagging(
      1, channel: 1, pending: Array("head".utf8), sent: 1, following: shared, from: 4, at: now)
    stream.joinLagging(2, channel: 2, pending: [], sent: 0, following: shared, from: 4, at: now)
    stream.append(raw("A"), at: now)
    _ = stream.takeFlush(at: now)
    #expect(stream.overdue(at: moment(60_001)).map(\.slot).sorted() == [1, 2])
    stream.leave(2)
    stream.becameWritable(1)
    var received = ""
    while let write = stream.nextWrite() {
      received += String(decoding: write.bytes[write.start...], as: UTF8.self)
      stream.wrote(1, count: write.bytes.count - write.start, at: now)
    }
    #expect(received == "ead456789data:A\n\n")
    #expect(stream.slots == [1])
  }

  @Test(
    "Every eps client's sum is the growth while it was connected, whatever the sockets take",
    arguments: 1...40
  )
  func sumsAreExact(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let stream = stream(.eps(.full))
    var received: [Int32: [UInt8]] = [:]
    for slot in Int32(1)...5 {
      stream.join(slot, channel: slot, at: now)
      received[slot] = []
    }
    var expected: [String: UInt64] = [:]
    func serve(_ take: (Int) -> Int, at now: Instant) {
      if let payload = stream.takeFlush(at: now) {
        for slot in stream.slots {
          let count = take(payload.count)
          received[slot]?.append(contentsOf: payload.prefix(count))
          if count < payload.count { stream.fellBehind(slot, payload: payload, sent: count, at: now) }
        }
      }
      while let write = stream.nextWrite() {
        let count = take(write.bytes.count - write.start)
        received[write.slot]?.append(contentsOf: write.bytes[write.start..<write.start + count])
        stream.wrote(write.slot, count: count, at: now)
      }
      stream.trim(at: now)
    }
    for tick in 0..<200 {
      let now = moment(Int64(tick) * 17)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let name = ["A", "B", "C"][Int.random(in: 0..<3, using: &random)]
        expected[name, default: 0] += 2
        stream.append(try eps([(name, 2)]), at: now)
      }
      for slot in Int32(1)...5 where Int.random(in: 0..<4, using: &random) == 0 {
        stream.becameWritable(slot)
      }
      serve(
        { Int.random(in: 0..<3, using: &random) == 0 ? Int.random(in: 0...$0, using: &random) : $0 }, at: now)
    }
    for slot in Int32(1)...5 { stream.becameWritable(slot) }
    serve({ $0 }, at: moment(4_000))
    for slot in Int32(1)...5 {
      #expect(try sums(in: received[slot] ?? []) == expected, "seed \(seed), client \(slot)")
    }
  }
}
