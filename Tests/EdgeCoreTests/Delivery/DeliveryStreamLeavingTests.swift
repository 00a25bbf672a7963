import EdgeCore
import Primitives
import Testing

@Suite struct DeliveryStreamLeavingTests {
  let stream = DeliveryStream<Int>(
    kind: .raw, lagMaximum: .seconds(60), bufferMaximum: 1 << 20, now: moment(0), renderSum: { _, _ in [] })

  @Test("A client in step is owed nothing when it leaves")
  func inStep() {
    stream.join(1, channel: 1, at: moment(0))
    #expect(stream.release(1) == [])
    #expect(stream.clientCount == 0)
  }

  @Test("A client that was cut within an event gets the rest of it first, and is gone")
  func cut() {
    stream.join(1, channel: 1, at: moment(0))
    stream.append(StreamEntry(bytes: Array("data:x\n\n".utf8), eventCount: 1), at: moment(1))
    let payload = stream.takeFlush(at: moment(1))
    stream.fellBehind(1, payload: payload ?? [], sent: 3, at: moment(1))
    #expect(stream.release(1) == Array("a:x\n\n".utf8))
    #expect(stream.clientCount == 0)
    #expect(stream.release(1) == [])
  }
}
