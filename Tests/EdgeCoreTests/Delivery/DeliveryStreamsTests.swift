import EdgeCore
import HTTP
import Primitives
import Testing
import Wire

struct DeliveryStreamsTests {
  private var streams = DeliveryStreams<Int32>(tick: .milliseconds(17))
  private var now = moment(0)
  private let slow: UpdateRate

  init() throws { slow = try #require(UpdateRate(hertz: 10)) }

  /// Adds a client to a stream.
  @discardableResult
  private mutating func join(_ kind: StreamKind, _ slot: Int32 = 1) -> DeliveryStream<Int32> {
    let stream = streams.stream(for: kind, lagMaximum: .seconds(10), bufferMaximum: 1 << 20, at: now)
    stream.join(slot, channel: slot, at: now)
    return stream
  }

  private mutating func append(_ kind: StreamKind, _ total: UInt64 = 1, hubFlushedAt: Instant? = nil) throws {
    let growth = try growth([("A", total)])
    let entry =
      kind.rate == nil
      ? StreamEntry(bytes: Array("data:A\n\n".utf8), eventCount: 1)
      : StreamEntry(bytes: UpdateRenderer.renderSum(growth), eventCount: 1, growth: growth)
    streams.append(StreamUpdate(kind: kind, entry: entry), hubFlushedAt: hubFlushedAt, at: now)
  }

  /// The kinds of the streams that are flushed at the end of the turn.
  private mutating func flushed() -> [StreamKind] {
    streams.takeScheduled().compactMap { stream in
      defer { stream.trim(at: now) }
      return stream.turnEnded(at: now) == nil ? nil : stream.kind
    }
  }

  @Test("The first client creates a stream, which the next ones join")
  mutating func oneStream() {
    let first = join(.raw)
    let second = join(.raw, 2)
    #expect(first === second && streams.all.count == 1 && streams[.raw] === first)
    #expect(streams[.allDetails] == nil)
  }

  @Test(
    "A client that waits in a holding stream gets comments, and no events until it is added to the stream")
  mutating func holdingStream() throws {
    let kind = StreamKind.identifiedEPS(.full)
    let holdingStream = streams.holdingStream(of: kind, lagMaximum: .seconds(10), at: now)
    #expect(streams.holdingStream(of: kind, lagMaximum: .seconds(10), at: now) === holdingStream)
    holdingStream.join(1, channel: 1, at: now)
    #expect(streams[kind] == nil && streams.all.map(\.clientCount) == [1])
    try append(kind)
    #expect(!streams.isScheduled)
    streams.append(comment: Array(":stale 5s\n\n".utf8), at: now)
    let served = streams.takeScheduled()
    #expect(served.count == 1 && served[0] === holdingStream)
    #expect(string(try #require(holdingStream.turnEnded(at: now))) == ":stale 5s\n\n")

    let rest = streams.release(1, kind)
    #expect(rest.isEmpty)
    let stream = join(kind)
    #expect(streams[kind] === stream && stream !== holdingStream)
    _ = streams.timePassed(every: .zero, keepAlive: .seconds(99), at: now)
    #expect(
      streams[kind] === stream && streams.all.count == 1, "the holding stream is forgotten, the stream is not"
    )
    try append(kind)
    #expect(flushed() == [kind])
  }

  @Test("A client cut in its head gets the rest first, in the holding stream or out of it")
  mutating func cutInAnteroom() {
    let kind = StreamKind.identifiedRaw
    for slot in 1...2 as ClosedRange<Int32> {
      var beginning = InitialWrite(head: Array("head".utf8), answer: nil, copiedMaximum: 99)
      beginning.wrote(1)
      let holdingStream = streams.holdingStream(of: kind, lagMaximum: .seconds(10), at: now)
      beginning.join(holdingStream, as: slot, channel: slot, at: now)
    }
    #expect(string(streams.release(1, kind)) == "ead")
    streams.becameWritable(2, kind)
    let write = streams.takeScheduled().first?.nextWrite()
    #expect(write?.slot == 2 && write.map { string(Array($0.bytes[$0.start...])) } == "ead")
  }

  @Test(
    "An update goes to its own stream, and one of eps to the streams of all rates with the same form"
  )
  mutating func routing() throws {
    let kinds: [StreamKind] = [
      .raw, .identifiedRaw, .eps(.full), .eps(slow), .identifiedEPS(.full), .identifiedEPS(slow),
    ]
    for kind in kinds { join(kind) }
    for kind in [StreamKind.raw, .eps(.full), .identifiedEPS(.full), .allDetails] {
      try append(kind)
      let takers = streams.all.filter { !$0.isFlushed }.map(\.kind)
      let expected: [StreamKind] =
        switch kind {
        case .raw: [.raw]
        case .eps: [.eps(.full), .eps(slow)]
        case .identifiedEPS: [.identifiedEPS(.full), .identifiedEPS(slow)]
        default: []
        }
      #expect(takers == expected)
      #expect(flushed() == expected)
    }
    #expect(!streams.isScheduled)
  }

  @Test("A stream is served once in a turn, however many entries arrive")
  mutating func once() throws {
    join(.raw)
    #expect(!streams.isScheduled)
    try append(.raw)
    try append(.raw)
    #expect(streams.isScheduled)
    #expect(flushed() == [.raw])
    #expect(!streams.isScheduled)
    try append(.raw)
    #expect(flushed() == [.raw])
  }

  @Test("A rate waits for its time: the earliest one is the deadline, and each stream is served at its own")
  mutating func waiting() throws {
    let slower = try #require(UpdateRate(hertz: 5))
    join(.eps(slower))
    join(.eps(slow))
    try append(.eps(.full))
    #expect(flushed() == [.eps(slower), .eps(slow)])
    now = moment(1)
    try append(.eps(.full))
    try append(.eps(.full))
    #expect(!streams.isScheduled)
    #expect(streams.deadline == moment(100))
    now = moment(100)
    streams.timerTriggered(at: now)
    #expect(flushed() == [.eps(slow)])
    #expect(streams.deadline == moment(200))
    now = moment(200)
    streams.timerTriggered(at: now)
    #expect(flushed() == [.eps(slower)])
    #expect(streams.deadline == nil)
  }

  @Test("A stream that was served on time, but before the timer, sets no deadline any more")
  mutating func servedEarly() throws {
    join(.eps(slow))
    try append(.eps(.full))
    _ = flushed()
    try append(.eps(.full))
    now = moment(100)
    try append(.eps(.full))
    #expect(flushed() == [.eps(slow)])
    streams.timerTriggered(at: now)
    #expect(streams.deadline == nil && !streams.isScheduled)
  }

  @Test("A client with room again has its stream served, if there are bytes for it")
  mutating func room() throws {
    let stream = join(.raw)
    streams.becameWritable(1, .raw)
    #expect(!streams.isScheduled, "it is in step")
    try append(.raw)
    let scheduled = streams.takeScheduled()
    let payload = try #require(scheduled.first?.turnEnded(at: now))
    stream.fellBehind(1, payload: payload, sent: 2, at: now)
    streams.becameWritable(1, .raw)
    #expect(streams.takeScheduled().map(\.kind) == [.raw])
  }

  @Test("A stream remembers when the hub flushed the oldest entry of the next flush")
  mutating func stamp() throws {
    let stream = join(.raw)
    try append(.raw, hubFlushedAt: moment(5))
    try append(.raw, hubFlushedAt: moment(7))
    #expect(stream.hubFlushedAt == moment(5))
    _ = flushed()
    try append(.raw)
    #expect(stream.hubFlushedAt == nil)
  }

  @Test(
    "Flushes that take too long lower the rate of all eps streams, later ones too, and of nothing else"
  )
  mutating func governor() {
    let full = join(.eps(.full))
    let raw = join(.raw)
    for _ in 0..<100 { streams.flushed(raw, after: .milliseconds(40), at: now) }
    #expect(full.interval == .zero, "it is a matter of eps")
    for _ in 0..<20 where streams.governor.level == 0 {
      streams.flushed(full, after: .milliseconds(20), at: now)
    }
    #expect(streams.governor.level == 1)
    #expect(full.interval == .milliseconds(34) && raw.interval == .zero)
    #expect(join(.identifiedEPS(.full)).interval == .milliseconds(34))
    #expect(join(.eps(slow)).interval == .milliseconds(100), "it is slower anyway")
  }

  // MARK: Time

  private mutating func pass(_ milliseconds: Int64) -> [Int32] {
    now = moment(milliseconds)
    return streams.timePassed(every: .milliseconds(500), keepAlive: .seconds(15), at: now).map(\.slot)
  }

  @Test("A silent stream gets a comment, a little early rather than late")
  mutating func keepAlive() {
    let stream = join(.raw)
    #expect(pass(14_499) == [])
    #expect(!streams.isScheduled)
    #expect(pass(14_500) == [])
    let payload = streams.takeScheduled().first?.turnEnded(at: now)
    #expect(payload == EventStream.comment && stream.counters.eventsSent == 0)
    #expect(pass(15_000) == [])
    #expect(!streams.isScheduled)
  }

  @Test("A stream without clients is forgotten, but its counts are kept")
  mutating func forgotten() throws {
    join(.eps(slow)).append(StreamEntry(bytes: [], eventCount: 0), at: now)
    let raw = join(.raw)
    try append(.raw)
    _ = flushed()
    raw.leave(1)
    #expect(streams.all.count == 2)
    #expect(pass(1_000) == [])
    #expect(streams.all.map(\.kind) == [.eps(slow)] && streams[.raw] == nil)
    #expect(streams.retired.eventsSent == 1)
    #expect(join(.raw) !== raw)
  }

  @Test("A stream that waited for its time, and lost its clients, sets no deadline any more")
  mutating func forgottenWaiting() throws {
    let stream = join(.eps(slow))
    try append(.eps(.full))
    _ = flushed()
    try append(.eps(.full))
    #expect(streams.deadline == moment(100))
    stream.leave(1)
    _ = pass(50)
    now = moment(100)
    streams.timerTriggered(at: now)
    #expect(streams.deadline == nil && !streams.isScheduled)
  }

  @Test("Clients that take nothing for too long must be closed")
  mutating func overdue() throws {
    let stream = join(.raw)
    try append(.raw)
    let payload = try #require(streams.takeScheduled().first?.turnEnded(at: now))
    stream.fellBehind(1, payload: payload, sent: 0, at: now)
    #expect(pass(10_000) == [])
    #expect(pass(10_001) == [1])
  }
}
