import HTTP
import TestSupport
import Testing

@Suite struct BodyFramingTests {
  @Test("A payload is one chunk with its size in hexadecimal, and the end is an empty one")
  func chunks() {
    for (count, size) in [(1, "1"), (9, "9"), (10, "a"), (15, "f"), (16, "10"), (255, "ff"), (4_096, "1000")]
    {
      let payload = [UInt8](repeating: UInt8(ascii: "x"), count: count)
      let text = String(decoding: BodyFraming.chunked.framed(payload), as: UTF8.self)
      #expect(text == "\(size)\r\n\(String(repeating: "x", count: count))\r\n")
    }
    var bytes: [UInt8] = []
    BodyFraming.chunked.appendEnd(to: &bytes)
    #expect(bytes == Array("0\r\n\r\n".utf8))
  }

  @Test("An empty payload makes no chunk, because that would be the end")
  func empty() {
    #expect(BodyFraming.chunked.framed([]) == [])
    #expect(BodyFraming.untilClose.framed([]) == [])
  }

  @Test("Without chunks only the payloads are written")
  func untilClose() {
    var bytes = Array("a".utf8)
    BodyFraming.untilClose.append(Array("bc".utf8), to: &bytes)
    BodyFraming.untilClose.appendEnd(to: &bytes)
    #expect(bytes == Array("abc".utf8))
    #expect(BodyFraming.untilClose.fields == [])
    #expect(BodyFraming.chunked.fields == [ResponseField("Transfer-Encoding", "chunked")])
  }

  @Test("A standard reader gets every payload and the end, however the bytes are divided")
  func roundTrip() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<50 {
      let payloads = (0..<20).map { _ in
        (0..<Int.random(in: 0...70, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
      var bytes: [UInt8] = []
      for payload in payloads { BodyFraming.chunked.append(payload, to: &bytes) }
      BodyFraming.chunked.appendEnd(to: &bytes)
      var reader = ChunkedReader()
      var chunks: [[UInt8]] = [[]]
      for byte in bytes {
        switch reader.append(byte) {
        case .byte(let byte): chunks[chunks.count - 1].append(byte)
        case .chunkEnded: chunks.append([])
        case nil: break
        }
      }
      #expect(reader.isEnded && !reader.isMalformed)
      #expect(chunks.dropLast() == payloads.filter { !$0.isEmpty }[...])
    }
  }
}
