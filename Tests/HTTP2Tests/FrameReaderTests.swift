import TestSupport
import Testing

@testable import HTTP2

/// A frame as bytes; the length may lie.
func frame(
  _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = [], length: Int? = nil
) -> [UInt8] {
  let count = length ?? payload.count
  return [UInt8(count >> 16), UInt8(count >> 8 & 0xff), UInt8(count & 0xff), type, flags]
    + [24, 16, 8, 0].map { UInt8(stream >> UInt32($0) & 0xff) } + payload
}

/// What a reader makes of pieces of bytes.
struct FramesRead: Equatable {
  var frames: [Frame] = []
  var error: FrameError?
  var isIdle = true

  init(_ pieces: [[UInt8]]) {
    var reader = FrameReader()
    for piece in pieces {
      var index = 0
      do throws(FrameError) {
        while let frame = try reader.next(piece.span, from: &index) { frames.append(frame) }
      } catch {
        self.error = error
        return
      }
    }
    isIdle = reader.isIdle
  }
}

@Suite struct FrameReaderTests {
  @Test("Each frame that has a meaning is read")
  func frames() {
    #expect(
      FramesRead([
        frame(4, [0, 4, 0, 1, 0, 0, 0, 9, 9, 9, 9, 9]) + frame(4, flags: 1) + frame(6, Array(1...8))
          + frame(6, flags: 1, Array(1...8)) + frame(8, stream: 3, [0x80, 0, 0, 7])
          + frame(3, stream: 1, [0, 0, 0, 8]) + frame(9, flags: 4, stream: 1, [5, 6])
      ]).frames == [
        .settings([.initialWindow(65_536), .other]), .settingsAcknowledged, .ping(Array(1...8)),
        .pingAcknowledged, .windowUpdate(stream: 3, increment: 7), .resetStream(stream: 1, code: 8),
        .continuation(stream: 1, fragment: [5, 6], isEnd: true),
      ])
  }

  @Test("Padding counts for the windows and not as content, and the fields of a priority are skipped")
  func padding() {
    #expect(
      FramesRead([
        frame(0, flags: 9, stream: 1, [2, 7, 7, 7, 0, 0]) + frame(0, stream: 1)
          + frame(1, flags: 0x2d, stream: 3, [1, 0x80, 0, 0, 1, 200, 9, 8, 0])
      ]).frames == [
        .data(stream: 1, count: 6, content: 3, isEnd: true),
        .data(stream: 1, count: 0, content: 0, isEnd: false),
        .headers(
          stream: 3,
          HeadersFrame(fragment: [9, 8], endsBlock: true, endsStream: true, dependsOnItself: false)),
      ])
  }

  @Test("What has no meaning is skipped, whatever it holds")
  func ignored() {
    let bytes =
      frame(2, stream: 3, [0, 0, 0, 1, 9]) + frame(7, [0, 0, 0, 0, 0, 0, 0, 0, 65, 66]) + frame(0x16, [1, 2])
    #expect(FramesRead([bytes]).frames == [.ignored(stream: 3), .ignored(stream: 0), .ignored(stream: 0)])
  }

  static let streams: [[UInt8]] = [
    frame(4, [0, 3, 0, 0, 0, 100]) + frame(0, flags: 8, stream: 5, [3, 1, 2, 0, 0, 0])
      + frame(6, Array(1...8)),
    frame(0x16, [1, 2, 3]) + frame(2, stream: 3, [0, 0, 0, 1, 9]) + frame(1, flags: 4, stream: 1, [0x82]),
    frame(7, [0, 0, 0, 0, 0, 0, 0, 0, 65]) + frame(8, [0, 0, 0, 0]), frame(4) + [0, 0],
  ]

  @Test("Every cut into two pieces, and into single bytes, gives the same frames", arguments: streams)
  func everySplit(bytes: [UInt8]) {
    let whole = FramesRead([bytes])
    #expect(!whole.frames.isEmpty)
    for cut in 0...bytes.count {
      #expect(FramesRead([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
    }
    #expect(FramesRead(bytes.map { [$0] }) == whole)
  }

  @Test(
    "A frame with an impossible length, stream or content is an error of the connection",
    arguments: [
      (frame(0, stream: 1, length: 16_385), HTTP2ErrorCode.frameSizeError),
      (frame(0x20, length: 16_385), .frameSizeError),
      (frame(3, stream: 1, [0]), .frameSizeError), (frame(8, [0, 0, 0]), .frameSizeError),
      (frame(6, [0]), .frameSizeError), (frame(7, [0]), .frameSizeError),
      (frame(4, [0, 1]), .frameSizeError), (frame(4, flags: 1, [0, 4, 0, 0, 0, 0]), .frameSizeError),
      (frame(4, length: 65 * 6), .enhanceYourCalm),
      (frame(0), .protocolError), (frame(1), .protocolError), (frame(2, [0, 0, 0, 1, 9]), .protocolError),
      (frame(3, [0, 0, 0, 0]), .protocolError), (frame(9), .protocolError),
      (frame(4, stream: 1), .protocolError), (frame(6, stream: 1, Array(1...8)), .protocolError),
      (frame(7, stream: 1, Array(1...8)), .protocolError),
      (frame(5, stream: 1, [0, 0, 0, 2]), .protocolError),
      (frame(8, [0, 0, 0, 0]), .protocolError),
      (frame(0, flags: 8, stream: 1, [1]), .protocolError), (frame(0, flags: 8, stream: 1), .protocolError),
      (frame(1, flags: 8, stream: 1, [2, 1]), .protocolError),
      (frame(1, flags: 8, stream: 1), .frameSizeError),
      (frame(1, flags: 0x20, stream: 1, [0, 0]), .frameSizeError),
      (frame(4, [0, 2, 0, 0, 0, 2]), .protocolError), (frame(4, [0, 4, 0x80, 0, 0, 0]), .flowControlError),
      (frame(4, [0, 5, 0, 0, 0x3f, 0xff]), .protocolError), (frame(4, [0, 5, 1, 0, 0, 0]), .protocolError),
    ])
  func connectionErrors(bytes: [UInt8], code: HTTP2ErrorCode) {
    #expect(FramesRead([bytes]).error == .connection(code))
  }

  @Test(
    "Some are errors of their stream alone",
    arguments: [
      (frame(2, stream: 1, [0, 0, 0, 3]), HTTP2ErrorCode.frameSizeError),
      (frame(2, stream: 1, [0, 0, 0, 1, 0]), .protocolError),
      (frame(8, stream: 1, [0, 0, 0, 0]), .protocolError),
    ])
  func streamErrors(bytes: [UInt8], code: HTTP2ErrorCode) {
    #expect(FramesRead([bytes]).error == .stream(1, code))
  }

  @Test("Random bytes are read without harm")
  func garbage() {
    var random = SeededGenerator(seed: 9_113)
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random) & (Bool.random(using: &random) ? 0xff : 0x07)
      }
      let whole = FramesRead([bytes])
      #expect(FramesRead(bytes.map { [$0] }) == whole)
    }
  }
}
