import EdgeCore
import HTTP
import Primitives
import Testing

/// Channels that tests fill, empty and break.
private final class Wires {
  var room: [Int32: Int] = [:]
  var broken: Set<Int32> = []
  var received: [Int32: String] = [:]

  func take(_ bytes: ArraySlice<UInt8>, over channel: Int32) -> WriteOutcome {
    if broken.contains(channel) { return .failed }
    let count = min(bytes.count, room[channel] ?? .max)
    if let space = room[channel] { room[channel] = space - count }
    received[channel, default: ""] += string(Array(bytes.prefix(count)))
    return .accepted(count)
  }
}

/// Writes at once, or only when the turn's writes are completed, as a ring of requests to the kernel would.
private struct TestWriter: BatchWriter {
  let wires: Wires
  let isLate: Bool
  private var waiting: [(bytes: [UInt8], channels: [Int32])] = []
  private var results: [BatchResult] = []

  init(_ wires: Wires, isLate: Bool) {
    self.wires = wires
    self.isLate = isLate
  }

  mutating func write(_ bytes: [UInt8], toEach channels: ArraySlice<Int32>) {
    if isLate { return waiting.append((bytes, Array(channels))) }
    perform(bytes, Array(channels))
  }

  private mutating func perform(_ bytes: [UInt8], _ channels: [Int32]) {
    var result = BatchResult(startedAt: moment(0))
    for (index, channel) in channels.enumerated() {
      let outcome = wires.take(bytes[...], over: channel)
      if outcome != .accepted(bytes.count) { result.short.append((index, outcome)) }
    }
    results.append(result)
  }

  mutating func finish() -> [BatchResult] {
    for (bytes, channels) in waiting { perform(bytes, channels) }
    waiting = []
    defer { results = [] }
    return results
  }

  func write(_ bytes: [UInt8], from start: Int, to channel: Int32) -> WriteOutcome {
    wires.take(bytes[start...], over: channel)
  }
}

@Suite("The delivery of a worker", .serialized) struct DeliveryTests {
  private let wires = Wires()

  private func delivery(isLate: Bool, sliceMaximum: Int? = nil) -> Delivery<TestWriter> {
    Delivery(
      by: TestWriter(wires, isLate: isLate), tick: .milliseconds(17),
      limits: DeliveryLimits(lagMaximum: .seconds(10), keepAlive: .seconds(15)), sliceMaximum: sliceMaximum)
  }

  private func join(
    _ slots: ClosedRange<Int32>, _ kind: StreamKind, _ framing: BodyFraming, _ delivery: Delivery<TestWriter>
  ) {
    for slot in slots {
      #expect(delivery.join(slot, kind, framing, over: slot, opening: [], at: moment(0)))
    }
  }

  private func append(
    _ text: String, _ kind: StreamKind, to delivery: Delivery<TestWriter>, at milliseconds: Int64
  ) {
    let entry = StreamEntry(bytes: Array(text.utf8), eventCount: 1)
    delivery.append(
      [StreamUpdate(kind: kind, entry: entry)], hubFlushedAt: nil, at: moment(milliseconds))
  }

  @Test("All streams and framings are served in one turn, by whichever writer", arguments: [false, true])
  func turn(isLate: Bool) {
    let delivery = delivery(isLate: isLate)
    join(1...2, .raw, .untilClose, delivery)
    join(3...3, .raw, .chunked, delivery)
    join(4...4, .allDetails, .untilClose, delivery)
    append("data:1\n\n", .raw, to: delivery, at: 0)
    append("data:2\n\n", .allDetails, to: delivery, at: 0)
    #expect(delivery.isDue)
    #expect(delivery.turnEnded(at: moment(0)) == [])
    #expect(!delivery.isDue)
    #expect(
      wires.received == [
        1: "data:1\n\n", 2: "data:1\n\n", 3: "8\r\ndata:1\n\n\r\n", 4: "data:2\n\n",
      ])
    #expect(delivery.bytesSent == UInt64(wires.received.values.reduce(0) { $0 + $1.utf8.count }))
    #expect(delivery.times.flush.count == 3)
  }

  @Test("A full client falls behind and catches up; a broken one leaves", arguments: [false, true])
  func short(isLate: Bool) {
    let delivery = delivery(isLate: isLate)
    join(1...4, .raw, .untilClose, delivery)
    wires.room[2] = 3
    wires.broken = [1, 3]
    append("data:1\n\n", .raw, to: delivery, at: 0)
    #expect(delivery.turnEnded(at: moment(0)).sorted() == [1, 3])
    #expect(delivery.streams.map(\.clientCount) == [2] && delivery.streams[0].laggardCount == 1)
    append("data:2\n\n", .raw, to: delivery, at: 1)
    #expect(delivery.turnEnded(at: moment(1)) == [])
    wires.room[2] = nil
    delivery.becameWritable(2, .raw, .untilClose)
    #expect(delivery.turnEnded(at: moment(2)) == [])
    #expect(wires.received == [2: "data:1\n\ndata:2\n\n", 4: "data:1\n\ndata:2\n\n"])
    #expect(delivery.bytesSent == 32)
  }

  @Test("A client that breaks while it catches up leaves, and the others are served")
  func brokenLaggard() {
    let delivery = delivery(isLate: false)
    join(1...2, .raw, .untilClose, delivery)
    wires.room = [1: 0, 2: 0]
    append("data:1\n\n", .raw, to: delivery, at: 0)
    #expect(delivery.turnEnded(at: moment(0)) == [])
    wires.room = [:]
    wires.broken = [1]
    for slot in 1...2 as ClosedRange<Int32> { delivery.becameWritable(slot, .raw, .untilClose) }
    #expect(delivery.turnEnded(at: moment(1)) == [1])
    #expect(wires.received == [2: "data:1\n\n"].merging([1: ""]) { own, _ in own })
    #expect(delivery.release(1, .raw, .untilClose) == [], "the driver's own release finds it gone")
  }

  @Test("A client whose connection is broken does not join")
  func brokenJoin() {
    let delivery = delivery(isLate: false)
    wires.broken = [1]
    let head = Array("head".utf8)
    #expect(!delivery.join(1, .raw, .chunked, over: 1, opening: head, at: moment(0)))
    #expect(!delivery.admit(1, .raw, .chunked, over: 1, opening: head, at: moment(0)))
    #expect(delivery.streams.isEmpty)
  }

  @Test("Of a stream's entries no more are kept than its kind allows, or the delivery")
  func limits() {
    let narrow = DeliveryLimits(lagMaximum: .seconds(1), keepAlive: .seconds(1), bufferMaximum: 20)
    let delivery = Delivery(by: TestWriter(wires, isLate: false), tick: .milliseconds(17), limits: narrow)
    join(1...1, .raw, .untilClose, delivery)
    wires.room[1] = 0
    for number in 0..<5 {
      append("data:\(number)\n\n", .raw, to: delivery, at: Int64(number))
      _ = delivery.turnEnded(at: moment(Int64(number)))
    }
    wires.room[1] = nil
    delivery.becameWritable(1, .raw, .untilClose)
    _ = delivery.turnEnded(at: moment(9))
    #expect(wires.received[1] == "data:0\n\ndata:3\n\ndata:4\n\n", "the rest of the first, and what is kept")
    #expect(delivery.streams[0].counters.eventsSkipped == 2)
  }

  // MARK: Flushes that take several turns

  @Test(
    "A long flush takes several turns, between which clients come and go; each gets it once, or what follows it",
    arguments: [false, true])
  func slices(isLate: Bool) {
    let delivery = delivery(isLate: isLate, sliceMaximum: 2)
    join(1...5, .raw, .untilClose, delivery)
    append("data:1\n\n", .raw, to: delivery, at: 0)
    #expect(delivery.turnEnded(at: moment(0)) == [])
    #expect(delivery.isFlushing && delivery.isDue)
    #expect(wires.received.keys.sorted() == [4, 5])
    // One leaves that was served, and one that was not; others come.
    #expect(delivery.release(5, .raw, .untilClose) == [])
    #expect(string(delivery.release(1, .raw, .untilClose)) == "data:1\n\n", "its share of the flush")
    join(6...7, .raw, .untilClose, delivery)
    append("data:2\n\n", .raw, to: delivery, at: 1)
    join(8...8, .raw, .untilClose, delivery)
    #expect(delivery.turnEnded(at: moment(1)) == [])
    #expect(!delivery.isFlushing, "three were left, of which one went")
    #expect(delivery.times.flush.count == 1)
    delivery.timerTriggered(at: moment(2))
    for turn in 2...4 as ClosedRange<Int64> { #expect(delivery.turnEnded(at: moment(turn)) == []) }
    #expect(!delivery.isDue)
    #expect(
      wires.received == [
        2: "data:1\n\ndata:2\n\n", 3: "data:1\n\ndata:2\n\n", 4: "data:1\n\ndata:2\n\n", 5: "data:1\n\n",
        6: "data:2\n\n", 7: "data:2\n\n",
      ])
    append("data:3\n\n", .raw, to: delivery, at: 5)
    while delivery.isDue { _ = delivery.turnEnded(at: moment(5)) }
    #expect(wires.received[8] == "data:3\n\n")
    #expect(delivery.times.flush.count == 3)
  }

  @Test("Those that a flush has not reached may be full or broken when it does")
  func shortSlices() {
    let delivery = delivery(isLate: false, sliceMaximum: 1)
    join(1...4, .raw, .untilClose, delivery)
    append("data:1\n\n", .raw, to: delivery, at: 0)
    #expect(delivery.turnEnded(at: moment(0)) == [])
    wires.room[3] = 2
    wires.broken = [2]
    #expect(delivery.turnEnded(at: moment(1)) == [])
    #expect(delivery.turnEnded(at: moment(2)) == [2])
    wires.room[3] = nil
    delivery.becameWritable(3, .raw, .untilClose)
    #expect(delivery.turnEnded(at: moment(3)) == [])
    #expect(!delivery.isFlushing)
    let whole = "data:1\n\n"
    #expect(wires.received == [1: whole, 3: whole, 4: whole])
  }

  @Test("Several streams share a turn, and a stream whose clients have all left ends its flush")
  func sharedTurns() {
    let delivery = delivery(isLate: false, sliceMaximum: 3)
    join(1...2, .raw, .untilClose, delivery)
    join(3...6, .allDetails, .untilClose, delivery)
    append("data:1\n\n", .raw, to: delivery, at: 0)
    append("data:2\n\n", .allDetails, to: delivery, at: 0)
    #expect(delivery.turnEnded(at: moment(0)) == [])
    #expect(wires.received.keys.sorted() == [1, 2, 6])
    for slot in 3...6 as ClosedRange<Int32> { _ = delivery.release(slot, .allDetails, .untilClose) }
    #expect(delivery.isFlushing)
    #expect(delivery.turnEnded(at: moment(1)) == [])
    #expect(!delivery.isFlushing && !delivery.isDue)
  }
}
