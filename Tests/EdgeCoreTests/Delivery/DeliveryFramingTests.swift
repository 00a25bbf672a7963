import HTTP
import Primitives
import TestSupport
import Testing

@testable import EdgeCore

/// A client gets complete chunks of complete events, however much its socket takes.
@Suite struct DeliveryFramingTests {
  private let now = moment(0)

  private func stream(_ kind: StreamKind, bufferMaximum: Int = 1 << 20) -> DeliveryStream<Int32> {
    DeliveryStream(
      kind: kind, lagMaximum: .seconds(60), bufferMaximum: bufferMaximum, framing: .chunked, now: now,
      renderSum: UpdateRenderer.renderSum)
  }

  private func raw(_ text: String) -> StreamEntry {
    StreamEntry(bytes: Array("data:\(text)\n\n".utf8), eventCount: 1)
  }

  private func growth(_ amount: UInt64) throws -> StreamEntry {
    let growth = [ScoreGrowth(id: try ScoreID("A"), amount: amount)]
    return StreamEntry(bytes: UpdateRenderer.renderSum(growth), eventCount: 1, growth: growth)
  }

  @Test("Bytes that are sent together are one chunk, rendered once for all")
  func together() {
    let stream = stream(.raw)
    stream.join(1, channel: 1, at: now)
    stream.append(raw("A"), at: now)
    #expect(string(stream.takeFlush(at: now) ?? []) == "8\r\ndata:A\n\n\r\n")
    stream.append(raw("B"), at: now)
    stream.append(raw("C"), at: now)
    #expect(string(stream.takeFlush(at: now) ?? []) == "10\r\ndata:B\n\ndata:C\n\n\r\n")
    #expect(stream.takeFlush(at: now) == nil)
  }

  @Test("A client that was cut anywhere in a chunk gets the rest, then a chunk of its own", arguments: 0..<13)
  func cut(sent: Int) throws {
    for kind in [StreamKind.raw, .eps(.full)] {
      let stream = stream(kind)
      stream.join(1, channel: 1, at: now)
      let entry = try kind == .raw ? raw("A") : growth(2)
      stream.append(entry, at: now)
      let payload = try #require(stream.takeFlush(at: now))
      guard sent < payload.count else { continue }
      stream.fellBehind(1, payload: payload, sent: sent, at: now)
      for _ in 0..<2 { stream.append(try kind == .raw ? raw("B") : growth(3), at: now) }
      _ = stream.takeFlush(at: now)
      var bytes = Array(payload[..<sent])
      stream.becameWritable(1)
      // The socket takes three bytes at a time.
      while let write = stream.nextWrite() {
        let piece = write.bytes[write.start...].prefix(3)
        bytes += piece
        stream.wrote(1, count: piece.count, at: now)
        stream.becameWritable(1)
      }
      let behind = kind == .raw ? "10\r\ndata:B\n\ndata:B\n\n\r\n" : "e\r\ndata:{\"A\":6}\n\n\r\n"
      #expect(string(bytes) == string(payload) + behind)
      #expect(stream.laggardCount == 0)
    }
  }

  @Test(
    "A client released within a chunk gets the rest of it, and can be sent more and the end",
    arguments: 0..<13)
  func release(sent: Int) throws {
    let stream = stream(.raw)
    stream.join(1, channel: 1, at: now)
    stream.append(raw("A"), at: now)
    let payload = try #require(stream.takeFlush(at: now))
    stream.fellBehind(1, payload: payload, sent: sent, at: now)
    var bytes = Array(payload[..<sent]) + stream.release(1)
    BodyFraming.chunked.append(Array("retry:5\n".utf8), to: &bytes)
    BodyFraming.chunked.appendEnd(to: &bytes)
    var reader = ChunkedReader()
    let body = bytes.compactMap { byte -> UInt8? in
      if case .byte(let byte) = reader.append(byte) { byte } else { nil }
    }
    #expect(reader.isEnded && string(body) == "data:A\n\nretry:5\n")
  }

  @Test("The comments in a holding stream are framed like the stream's events")
  func holdingStream() throws {
    var streams = DeliveryStreams<Int32>(tick: .milliseconds(17), framing: .chunked)
    let holdingStream = streams.holdingStream(of: .identifiedRaw, lagMaximum: .seconds(60), at: now)
    holdingStream.join(1, channel: 1, at: now)
    streams.append(comment: Array(":stale 5s\n".utf8), at: now)
    #expect(string(try #require(holdingStream.turnEnded(at: now))) == "a\r\n:stale 5s\n\r\n")
  }
}
