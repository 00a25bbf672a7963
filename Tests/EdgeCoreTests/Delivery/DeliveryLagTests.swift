import EdgeCore
import Primitives
import Testing

@Suite struct DeliveryLagTests {
  private let start = Instant.origin.advanced(by: .seconds(100))
  private let entry = StreamEntry(bytes: Array("data:A\n\n".utf8), eventCount: 1)

  private func stream() -> DeliveryStream<Int32> {
    DeliveryStream(
      kind: .raw, lagMaximum: .seconds(60), bufferMaximum: 1 << 20, now: start,
      renderSum: UpdateRenderer.renderSum)
  }

  /// Writes everything that can be written.
  private func catchUp(_ stream: DeliveryStream<Int32>, at now: Instant) {
    while let write = stream.nextWrite() {
      stream.wrote(write.slot, count: write.bytes.count - write.start, at: now)
    }
  }

  @Test("A client's lag is counted once, when it is in step again")
  func lag() throws {
    let stream = stream()
    stream.join(1, channel: 11, at: start)
    stream.append(entry, at: start)
    let payload = try #require(stream.takeFlush(at: start))
    stream.fellBehind(1, payload: payload, sent: 3, at: start)
    #expect(stream.counters.lag.count == 0)
    let later = start.advanced(by: .seconds(3))
    stream.becameWritable(1)
    catchUp(stream, at: later)
    #expect(stream.slots == [1])
    #expect(stream.counters.lag.count == 1)
    #expect(stream.counters.lag.sumMicroseconds == 3_000_000)
  }

  @Test("A client that joined while an entry waited for its flush has not lagged")
  func joining() {
    let stream = stream()
    stream.append(entry, at: start)
    stream.join(1, channel: 11, at: start)
    _ = stream.takeFlush(at: start)
    catchUp(stream, at: start.advanced(by: .seconds(1)))
    #expect(stream.slots == [1])
    #expect(stream.counters.lag.count == 0)
  }
}
