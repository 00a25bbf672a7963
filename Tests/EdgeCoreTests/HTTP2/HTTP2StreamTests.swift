import HTTP2
import Testing

@testable import EdgeCore

@Suite("HTTP/2, streams and windows") struct HTTP2StreamTests {
  private static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }

  @Test("The payloads of all streams leave in one write, each in a frame of its stream")
  func oneWrite() {
    let peer = TestPeer()
    let streams = peer.open(1, 3, 5)
    let writes = peer.writes
    for stream in streams { #expect(stream.write([7, 8], from: 0) == .accepted(2)) }
    #expect(
      peer.sent()
        == [1, 3, 5].map { TestPeer.Sent(type: 0, flags: 0, stream: $0, payload: [7, 8]) })
    #expect(peer.writes == writes + 1)
  }

  @Test("A payload that is longer than a frame leaves in several, and one beyond the window waits")
  func window() {
    let peer = TestPeer()
    let stream = peer.open(1)[0]
    let payload = Self.bytes(70_000)
    #expect(stream.write(payload, from: 0) == .accepted(65_535))
    #expect(peer.sent().map(\.payload.count) == [16_384, 16_384, 16_384, 16_383])
    #expect(stream.write(payload, from: 65_535) == .accepted(0))
    peer.receive(windowUpdate(1, 100_000))
    #expect(stream.write(payload, from: 65_535) == .accepted(0))
    peer.receive(windowUpdate(0, 1_000))
    guard case .windowsOpened = peer.events.last else { return #expect(Bool(false)) }
    #expect(stream.write(payload, from: 65_535) == .accepted(1_000))
    #expect(peer.sent().last?.payload == Array(payload[65_535..<66_535]))
  }

  @Test("A stream without a window keeps no other one waiting, and its window is reported")
  func stalled() {
    let peer = TestPeer()
    peer.receive(initialWindow(1))
    let streams = peer.open(1, 3)
    #expect(streams[0].write([1, 2], from: 0) == .accepted(1))
    peer.receive(windowUpdate(3, 100))
    guard case .windowOpened(let stream) = peer.events.last else { return #expect(Bool(false)) }
    #expect(stream === streams[1])
    #expect(streams[1].write([1, 2], from: 0) == .accepted(2))
    #expect(peer.sent().filter { $0.type == 0 }.map(\.payload.count) == [1, 2])
  }

  @Test("A smaller initial window may make windows negative, and only growth beyond that opens them")
  func negative() {
    let peer = TestPeer()
    let stream = peer.open(1)[0]
    #expect(stream.write(Self.bytes(1_000), from: 0) == .accepted(1_000))
    peer.receive(initialWindow(10))
    #expect(stream.write([1], from: 0) == .accepted(0))
    peer.receive(windowUpdate(1, 990))
    #expect(stream.write([1], from: 0) == .accepted(0))
    peer.receive(initialWindow(11))
    guard case .windowsOpened = peer.events.last else { return #expect(Bool(false)) }
    #expect(stream.write([1, 2], from: 0) == .accepted(1))
  }

  @Test("A full socket stops streams and reading, and its readiness goes on with both")
  func fullSocket() {
    let peer = TestPeer()
    peer.receive(windowUpdate(0, 1_000_000))
    let streams = peer.open(1, 3)
    peer.receive(windowUpdate(1, 1_000_000))
    peer.room = 10_000
    let payload = Self.bytes(200_000)
    guard case .accepted(let count) = streams[0].write(payload, from: 0) else { return }
    #expect(count < HTTP2Connection.outputMaximum + 16_384)
    #expect(peer.connection.isBlocked && !peer.connection.isReading)
    #expect(streams[1].write([1], from: 0) == .accepted(0))
    peer.room = .max
    #expect(peer.connection.becameWritable(now: peer.now))
    #expect(peer.connection.isReading)
    #expect(streams[1].write([1], from: 0) == .accepted(1))
    #expect(peer.sent().filter { $0.stream == 1 }.reduce(0) { $0 + $1.payload.count } == count)
  }

  @Test("A socket that takes everything keeps no stream waiting, however much is written in a turn")
  func largeTurn() {
    let peer = TestPeer()
    peer.receive(windowUpdate(0, 10_000_000) + initialWindow(1_000_000))
    let stream = peer.open(1)[0]
    #expect(stream.write(Self.bytes(900_000), from: 0) == .accepted(900_000))
  }

  @Test("An answer ends with the last of its bytes, when the windows let them out")
  func answer() {
    let peer = TestPeer()
    peer.receive(initialWindow(3) + headers(1))
    peer.requests[0].respond([0x88], [1, 2, 3, 4, 5])
    #expect(
      peer.sent().suffix(2) == [
        TestPeer.Sent(type: 1, flags: 4, stream: 1, payload: [0x88]),
        TestPeer.Sent(type: 0, flags: 0, stream: 1, payload: [1, 2, 3]),
      ])
    #expect(peer.connection.streams.count == 1 && peer.connection.isOwing)
    peer.receive(windowUpdate(1, 9))
    #expect(peer.sent() == [TestPeer.Sent(type: 0, flags: 1, stream: 1, payload: [4, 5])])
    #expect(!peer.connection.isOwing && !peer.connection.isIdle)
  }

  @Test("An answer without content ends with its head, and a stream without last bytes with an empty frame")
  func emptyEnds() {
    let peer = TestPeer()
    peer.receive(headers(1))
    peer.requests[0].respond([0x89], [])
    #expect(peer.sent() == [TestPeer.Sent(type: 1, flags: 5, stream: 1, payload: [0x89])])
    let stream = peer.open(3)[0]
    stream.end(after: [])
    #expect(peer.sent() == [TestPeer.Sent(type: 0, flags: 1, stream: 3, payload: [])])
    #expect(stream.isOver && stream.write([1], from: 0) == .accepted(0))
  }

  @Test("A stream that the client resets is reported, and takes nothing more")
  func resetByClient() {
    let peer = TestPeer()
    let stream = peer.open(1)[0]
    peer.receive(frame(3, stream: 1, [0, 0, 0, 8]))
    #expect(peer.endedStreams == [1])
    stream.end(after: [1])
    stream.reset(.cancel)
    #expect(peer.sent().isEmpty)
    #expect(peer.group.counters.resetsReceived == 1 && peer.group.counters.connectionsWithStreams == 0)
  }

  // MARK: The end of a connection

  @Test("A client learns in two steps that it must leave, and its streams stay until they end")
  func goAway() {
    let peer = TestPeer()
    let stream = peer.open(1)[0]
    peer.connection.goAway()
    peer.connection.goAway()
    #expect(peer.sent().map(\.payload) == [[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]])
    // A request that crossed the first step is taken.
    peer.receive(headers(3))
    #expect(peer.requests.count == 2)
    #expect(peer.pass(.seconds(1)) == nil)
    #expect(peer.sent().map(\.payload) == [[0, 0, 0, 3, 0, 0, 0, 0]])
    // One after the second step is not, and the client knows it, whatever it sends on that stream meanwhile.
    peer.receive(headers(5, postBlock, flags: 4) + windowUpdate(5, 1) + frame(0, flags: 1, stream: 5, [1]))
    #expect(peer.requests.count == 2)
    #expect(peer.sent() == [TestPeer.Sent(type: 3, flags: 0, stream: 5, payload: [0, 0, 0, 7])])
    #expect(stream.write([1], from: 0) == .accepted(1))
    stream.end(after: [2])
    #expect(!peer.connection.isClosing)
    peer.requests[1].respond([0x89], [])
    #expect(peer.connection.isClosing)
    peer.group.flush()
    #expect(peer.connection.isIdle)
    #expect(peer.group.takeSettled().count == 1)
    #expect(peer.group.counters.goAways == [.released: 1])
  }

  @Test("A connection without a stream ends after a time, and one with a stream does not")
  func idle() {
    let peer = TestPeer()
    let stream = peer.open(1)[0]
    #expect(peer.pass(.seconds(100)) == nil && !peer.connection.isClosing)
    stream.end(after: [])
    _ = peer.sent()
    #expect(peer.pass(.seconds(9)) == nil && !peer.connection.isClosing)
    #expect(peer.pass(.seconds(1)) == nil)
    #expect(peer.sent().map(\.type) == [7] && peer.connection.isClosing)
    // The client may take a moment to read that.
    #expect(peer.pass(.seconds(1)) == nil)
    #expect(peer.pass(.seconds(1)) == .requestComplete)
  }

  @Test("A client that takes nothing is given up: with its last bytes, and with all")
  func slowReader() {
    let peer = TestPeer()
    peer.receive(initialWindow(0) + headers(1))
    peer.requests[0].respond([0x88], [1])
    _ = peer.sent()
    #expect(peer.pass(.seconds(59)) == nil && peer.sent().isEmpty)
    #expect(peer.pass(.seconds(1)) == nil)
    #expect(peer.sent() == [TestPeer.Sent(type: 3, flags: 0, stream: 1, payload: [0, 0, 0, 8])])
    peer.room = 0
    peer.receive(frame(6, Array(1...8)))
    #expect(peer.pass(.seconds(1)) == nil)
    #expect(peer.pass(.seconds(61)) == .writeTimeout)
  }

  @Test("A client that begins a frame, a block or a body, and does not end it, is given up")
  func slowWriter() {
    for beginning in [Array(frame(6).prefix(5)), headers(1, getBlock, flags: 1), [0, 0]] {
      let peer = TestPeer()
      peer.receive(beginning)
      #expect(peer.pass(.seconds(9)) == nil && !peer.connection.isClosing)
      #expect(peer.pass(.seconds(1)) == nil && peer.connection.isClosing)
    }
    let peer = TestPeer()
    peer.receive(headers(1, postBlock, flags: 4))
    #expect(peer.pass(.seconds(10)) == nil)
    #expect(peer.sent().contains(TestPeer.Sent(type: 3, flags: 0, stream: 1, payload: [0, 0, 0, 8])))
  }
}
