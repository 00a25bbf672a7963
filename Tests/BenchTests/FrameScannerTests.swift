import Testing

@testable import Bench

/// A frame (RFC 9113 §4.1) as bytes.
func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt8 = 0, _ payload: [UInt8] = []) -> [UInt8] {
  [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), type, flags, 0, 0, 0, stream] + payload
}

@Suite("Frames of HTTP/2 in the bytes of a connection")
struct FrameScannerTests {
  /// The bodies by stream, the other parts in order, as the scanner finds them in pieces of this size.
  private func scan(_ bytes: [UInt8], by count: Int) -> (
    bodies: [UInt32: [UInt8]], others: [FrameScanner.Part]
  ) {
    var scanner = FrameScanner()
    var bodies: [UInt32: [UInt8]] = [:]
    var others: [FrameScanner.Part] = []
    for start in stride(from: 0, to: bytes.count, by: count) {
      let piece = Array(bytes[start..<min(bytes.count, start + count)])
      var index = 0
      while let part = scanner.nextPart(in: piece.span, from: &index) {
        if case .body(let stream, let run) = part {
          bodies[stream, default: []] += piece[run]
        } else {
          others.append(part)
        }
      }
      #expect(index == piece.count)
    }
    return (bodies, others)
  }

  @Test("Bodies and frames are found, however the bytes are divided", arguments: [1, 2, 7, 10, 1_000])
  func divided(count: Int) {
    let long = [UInt8](repeating: 7, count: 300)
    let bytes =
      frame(4) + frame(0, stream: 1, [1, 2]) + frame(0, stream: 3) + frame(0, stream: 3, long)
      + frame(6, Array(1...8)) + frame(0, stream: 1, [3]) + frame(0, flags: 1, stream: 1, [4])
      + frame(0, flags: 1, stream: 3) + frame(7, [0, 0, 0, 3, 0, 0, 0, 0])
    let (bodies, others) = scan(bytes, by: count)
    #expect(bodies == [1: [1, 2, 3, 4], 3: long])
    #expect(
      others == [
        .frame(type: 4, flags: 0, stream: 0, payload: []),
        .frame(type: 6, flags: 0, stream: 0, payload: Array(1...8)),
        .end(stream: 1), .end(stream: 3),
        .frame(type: 7, flags: 0, stream: 0, payload: [0, 0, 0, 3, 0, 0, 0, 0]),
      ])
  }

  @Test("A frame that is not complete is no part yet")
  func incomplete() {
    #expect(scan(Array(frame(6, Array(1...8)).dropLast()), by: 100).others == [])
    #expect(scan(Array(frame(0, stream: 1).dropLast()), by: 100).bodies == [:])
  }
}
