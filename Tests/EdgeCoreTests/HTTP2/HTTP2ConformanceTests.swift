import HTTP
import HTTP2
import Testing

@testable import EdgeCore

/// What RFC 9113 demands of a server, case by case: how it ends what is wrong.
@Suite("HTTP/2, the rules of the protocol") struct HTTP2ConformanceTests {
  /// Expects that bytes end the connection with this code.
  private func expectGoAway(
    _ code: HTTP2ErrorCode, _ bytes: [UInt8], _ peer: TestPeer = TestPeer(),
    _ location: SourceLocation = #_sourceLocation
  ) {
    peer.receive(bytes)
    let last = peer.sent().last
    #expect(
      last?.type == 7 && last?.code == UInt8(code.rawValue), "\(String(describing: last))",
      sourceLocation: location)
    #expect(peer.connection.isClosing, sourceLocation: location)
    #expect(peer.group.takeSettled().first === peer.connection, sourceLocation: location)
  }

  /// Expects that bytes end one stream with this code, and that the connection serves another.
  private func expectReset(
    _ code: HTTP2ErrorCode, of stream: UInt32 = 1, _ bytes: [UInt8],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let peer = TestPeer()
    peer.receive(bytes)
    let resets = peer.sent().filter { $0.type == 3 }
    #expect(
      resets.map(\.stream) == [stream] && resets.first?.code == UInt8(code.rawValue), "\(resets)",
      sourceLocation: location)
    peer.receive(headers(101))
    #expect(peer.requests.last?.id == 101, sourceLocation: location)
    #expect(!peer.connection.isClosing, sourceLocation: location)
  }

  // MARK: Beginning

  @Test("The server begins with its settings, without waiting, and acknowledges those of the client")
  func preface() {
    let peer = TestPeer(isGreeted: false)
    _ = peer.connection
    let settings = peer.sent()
    #expect(settings.map(\.type) == [4])
    // No dynamic table, 100 streams, 16 KiB of fields.
    #expect(settings[0].payload == [0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100, 0, 6, 0, 0, 0x40, 0])
    peer.receive(ConnectionPreface.bytes + frame(4))
    #expect(peer.sent() == [TestPeer.Sent(type: 4, flags: 1, stream: 0, payload: [])])
  }

  @Test("Another beginning, and another first frame, end the connection")
  func badPreface() {
    expectGoAway(.protocolError, Array("GET / HTTP/1.1\r\n".utf8), TestPeer(isGreeted: false))
    expectGoAway(.protocolError, ConnectionPreface.bytes + frame(6, Array(1...8)), TestPeer(isGreeted: false))
  }

  @Test("Unknown frames, flags, settings and error codes, and the reserved bit, are ignored")
  func unknown() {
    let peer = TestPeer()
    peer.receive(
      frame(0x16, flags: 0xff, stream: 7, [1, 2, 3]) + frame(4, [0x7f, 0xff, 1, 2, 3, 4])
        + frame(7, [0, 0, 0, 0, 0, 0, 0, 0xff]) + frame(6, flags: 0xfe, stream: 0x8000_0000, Array(1...8))
        + headers(1, flags: 0x95) + frame(3, stream: 1, [0, 0, 0, 0xff]))
    #expect(peer.requests.map(\.id) == [1] && peer.endedStreams == [1])
    let sent = peer.sent()
    #expect(sent.contains(TestPeer.Sent(type: 6, flags: 1, stream: 0, payload: Array(1...8))))
    #expect(!peer.connection.isClosing)
  }

  @Test("A ping is answered with its bytes, and its answer is not")
  func ping() {
    let peer = TestPeer()
    peer.receive(frame(6, Array(11...18)) + frame(6, flags: 1, Array(1...8)))
    #expect(peer.sent() == [TestPeer.Sent(type: 6, flags: 1, stream: 0, payload: Array(11...18))])
  }

  // MARK: States of streams

  @Test("A frame on a stream that was never opened ends the connection")
  func idle() {
    expectGoAway(.protocolError, frame(0, stream: 1, [1]))
    expectGoAway(.protocolError, frame(3, stream: 1, [0, 0, 0, 8]))
    expectGoAway(.protocolError, windowUpdate(1, 1))
    expectGoAway(.protocolError, frame(9, flags: 4, stream: 1, getBlock))
    expectGoAway(.protocolError, frame(3, stream: 2, [0, 0, 0, 8]))
  }

  @Test("A stream whose request is complete takes no further frames of it")
  func halfClosed() {
    expectReset(.streamClosed, headers(1) + frame(0, stream: 1, [1]))
    expectReset(.streamClosed, headers(1) + headers(1))
    expectGoAway(.protocolError, headers(1) + frame(9, flags: 4, stream: 1, getBlock))
  }

  @Test("Numbers of streams are odd and rise")
  func numbers() {
    expectGoAway(.protocolError, headers(2))
    expectGoAway(.protocolError, headers(5) + headers(3))
    expectGoAway(.streamClosed, headers(1) + frame(3, stream: 1, [0, 0, 0, 8]) + headers(1))
  }

  @Test("A closed stream takes no content, and its late resets and windows are ignored")
  func closed() {
    let reset = frame(3, stream: 1, [0, 0, 0, 8])
    expectReset(.streamClosed, headers(1) + reset + frame(0, stream: 1, [1]))
    let peer = TestPeer()
    peer.receive(headers(1) + reset + reset + windowUpdate(1, 5))
    #expect(peer.sent().isEmpty && !peer.connection.isClosing)
  }

  @Test("A frame for a stream that the server reset may be on its way")
  func crossing() {
    let peer = TestPeer()
    peer.receive(headers(1, postBlock, flags: 4))
    peer.receive(headers(1, postBlock, flags: 5))
    #expect(peer.sent().map(\.type) == [3])
    peer.receive(frame(0, stream: 1, [1]) + headers(1, [0x00, 0x01, 0x61, 0x01, 0x62]) + windowUpdate(1, 1))
    #expect(peer.sent().isEmpty && !peer.connection.isClosing)
  }

  @Test("The stream beyond the maximum is refused, and one that follows an end is not")
  func concurrency() {
    let peer = TestPeer()
    for number in 0..<100 { peer.receive(headers(UInt32(number * 2 + 1))) }
    #expect(peer.requests.count == 100)
    peer.receive(headers(201))
    #expect(peer.sent().last == TestPeer.Sent(type: 3, flags: 0, stream: 201, payload: [0, 0, 0, 7]))
    peer.receive(frame(3, stream: 1, [0, 0, 0, 8]) + headers(203))
    #expect(peer.requests.last?.id == 203)
  }

  @Test("A stream cannot depend on itself")
  func dependency() {
    expectReset(.protocolError, headers(1, [0, 0, 0, 1, 9] + getBlock, flags: 0x25))
    expectReset(.protocolError, headers(1) + frame(2, stream: 1, [0, 0, 0, 1, 9]))
  }

  // MARK: Blocks of fields

  @Test("A block may be cut anywhere, and nothing may come in between")
  func continuation() {
    let peer = TestPeer()
    peer.receive(
      headers(1, Array(getBlock.prefix(3)), flags: 1) + frame(9, stream: 1, Array(getBlock[3..<9]))
        + frame(9, stream: 1) + frame(9, flags: 4, stream: 1, Array(getBlock[9...])))
    #expect(peer.requests.map(\.id) == [1])
    let begun = headers(1, getBlock, flags: 1)
    expectGoAway(.protocolError, begun + frame(2, stream: 3, [0, 0, 0, 0, 9]))
    expectGoAway(.protocolError, begun + frame(2, stream: 1, [0, 0, 0, 1, 9]))
    expectGoAway(.protocolError, begun + headers(3))
    expectGoAway(.protocolError, begun + frame(6, Array(1...8)))
    expectGoAway(.protocolError, begun + frame(0x16, [1]))
    expectGoAway(.protocolError, begun + frame(9, flags: 4, stream: 3, getBlock))
    expectGoAway(.protocolError, headers(1) + frame(9, flags: 4, stream: 1))
  }

  @Test("A block that cannot be decoded ends the connection")
  func compression() {
    expectGoAway(.compressionError, headers(1, [0xc6]))
    expectGoAway(.compressionError, headers(1, getBlock + [0x20]))
    expectGoAway(.compressionError, headers(1, [0x3f, 0xe2, 0x1f] + getBlock))
  }

  @Test("A request that HTTP/2 does not allow is reset")
  func malformed() {
    expectReset(.protocolError, headers(1, getBlock + field("Accept", "a")))
    expectReset(.protocolError, headers(1, getBlock + field("connection", "close")))
    expectReset(.protocolError, headers(1, getBlock + field(":status", "200")))
    expectReset(.protocolError, headers(1, [0x82, 0x87, 0x01, 0x01, 0x61]))
    expectReset(.protocolError, headers(1, getBlock + [0x82]))
  }

  @Test("A request that HTTP/1 refuses gets its answer")
  func refused() {
    let peer = TestPeer()
    peer.receive(headers(1, [0x82, 0x87, 0x04, 0x02, 0x2f, 0x25]))
    guard case .refused(let stream, .malformedTarget) = peer.events.last else { return #expect(Bool(false)) }
    stream.respond([0x8c], [65])
    #expect(peer.sent().map(\.type) == [1, 0])
    #expect(peer.connection.streams.isEmpty)
  }

  // MARK: Bodies

  @Test("A request with a body is complete with its end, which trailers may bring")
  func bodies() {
    let peer = TestPeer()
    peer.receive(headers(1, postBlock, flags: 4) + frame(0, stream: 1, [1, 2]) + frame(0, stream: 1))
    #expect(peer.requests.isEmpty)
    peer.receive(frame(0, flags: 1, stream: 1))
    #expect(peer.requests.map(\.id) == [1])
    peer.receive(headers(3, postBlock, flags: 4) + headers(3, field("x-sum", "1")))
    #expect(peer.requests.map(\.id) == [1, 3])
  }

  @Test("Trailers end the stream, and hold no pseudo-header field")
  func trailers() {
    let begun = headers(1, postBlock, flags: 4)
    expectReset(.protocolError, begun + headers(1, field("x-sum", "1"), flags: 4))
    expectReset(.protocolError, begun + headers(1, [0x82]))
  }

  @Test("A body has the length that was announced")
  func lengths() {
    let begun = headers(1, postBlock + field("content-length", "2"), flags: 4)
    let peer = TestPeer()
    peer.receive(begun + frame(0, flags: 9, stream: 1, [3, 1, 2, 0, 0, 0]))
    #expect(peer.requests.count == 1)
    expectReset(.protocolError, begun + frame(0, stream: 1, [1, 2, 3]))
    expectReset(.protocolError, begun + frame(0, flags: 1, stream: 1, [1]))
    expectReset(.protocolError, begun + headers(1, field("x-sum", "1")))
    expectReset(.protocolError, headers(1, postBlock + field("content-length", "2")))
  }

  @Test(
    "A body beyond its window gets the answer that it is too large, and the connection's window is renewed")
  func largeBody() {
    let peer = TestPeer()
    peer.receive(headers(1, postBlock, flags: 4))
    for _ in 0..<3 { peer.receive(frame(0, stream: 1, [UInt8](repeating: 0, count: 16_384))) }
    peer.receive(frame(0, stream: 1, [UInt8](repeating: 0, count: 16_383)))
    guard case .refused(let stream, .bodyTooLarge) = peer.events.last else { return #expect(Bool(false)) }
    stream.respond([0x88], [65])
    let sent = peer.sent()
    #expect(sent.filter { $0.type == 8 && $0.stream == 0 }.count == 2)
    #expect(sent.last == TestPeer.Sent(type: 3, flags: 0, stream: 1, payload: [0, 0, 0, 0]))
    // The rest of the body may be on its way.
    peer.receive(frame(0, stream: 1, [1]))
    #expect(peer.sent().isEmpty && !peer.connection.isClosing)
  }

  // MARK: Windows

  @Test("A window beyond 2³¹ − 1 is an error of its stream or of the connection")
  func overflow() {
    expectGoAway(.flowControlError, windowUpdate(0, 0x7fff_ffff))
    expectReset(.flowControlError, headers(1) + windowUpdate(1, 0x7fff_ffff))
    expectGoAway(.flowControlError, headers(1) + windowUpdate(1, 0x7fff_0000) + initialWindow(0x7fff_ffff))
    expectGoAway(.protocolError, windowUpdate(0, 0))
    expectReset(.protocolError, headers(1) + windowUpdate(1, 0))
  }
}
