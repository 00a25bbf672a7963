import HTTP
import HTTP2
import Primitives
import Testing

@testable import EdgeCore

/// Peers that send what is cheap for them and costs us. The inputs have the shape of known attacks, and are harmless.
@Suite("HTTP/2, hostile peers") struct HTTP2FloodTests {
  /// How often a peer can repeat something at once before it is sent away.
  private func repetitions(_ peer: TestPeer = TestPeer(), _ bytes: (UInt32) -> [UInt8]) -> Int {
    for number in 0..<10_000 {
      peer.receive(bytes(UInt32(number)))
      _ = peer.sent()
      if peer.connection.isClosing {
        #expect(peer.group.counters.goAways[.flood] == 1)
        return number
      }
    }
    return .max
  }

  private static func openHundred(_ peer: TestPeer) -> [HTTP2Stream] {
    (0..<100).map { peer.open(UInt32($0) * 2 + 1)[0] }
  }

  private static let frames = Int(FloodBudget.maximum)
  private static let resets = frames / 8

  @Test("Streams that the client resets at once")
  func rapidReset() {
    let count = repetitions { headers($0 * 2 + 1) + frame(3, stream: $0 * 2 + 1, [0, 0, 0, 8]) }
    // A page with a hundred streams may be reloaded twice at once.
    #expect((200...Self.resets).contains(count))
  }

  @Test("The first bytes of a stream, which each client gets at once, are no gain")
  func begunAndReset() {
    let peer = TestPeer()
    let count = repetitions(peer) { number in
      let stream = peer.open(number * 2 + 1)[0]
      _ = stream.write([1], from: 0)
      return frame(3, stream: number * 2 + 1, [0, 0, 0, 8])
    }
    #expect(count <= Self.resets)
  }

  @Test("Streams that the client makes us reset")
  func provokedReset() {
    #expect(repetitions { headers($0 * 2 + 1) + windowUpdate($0 * 2 + 1, 0) } <= Self.resets)
    #expect(repetitions { headers($0 * 2 + 1) + frame(0, stream: $0 * 2 + 1, [1]) } <= Self.resets)
    #expect(repetitions { headers($0 * 2 + 1, getBlock + field("connection", "a")) } <= Self.resets)
    #expect(repetitions { headers($0 * 2 + 1) } <= Self.resets + 100)
  }

  @Test("Streams beyond the maximum, as a proxy sends them before it has read the maximum")
  func excess() {
    let free = 100 + HTTP2Connection.excessMaximum
    let preface = ConnectionPreface.bytes + frame(4)
    let flood = TestPeer(isGreeted: false)
    flood.receive(preface)
    let count = repetitions(flood) { headers($0 * 2 + 1) }
    #expect((free...free + Self.resets).contains(count))
    // A proxy that has sent its requests and then reads is served.
    let peer = TestPeer(isGreeted: false)
    peer.receive(preface)
    for number in 0..<UInt32(free) { peer.receive(headers(number * 2 + 1)) }
    #expect(peer.requests.count == 100 && !peer.connection.isClosing)
    let sent = peer.sent()
    #expect(sent.count { $0.type == 3 && $0.payload == [0, 0, 0, 7] } == HTTP2Connection.excessMaximum)
    peer.receive(frame(4, flags: 1))
    #expect(repetitions(peer) { headers(UInt32(free) * 2 + 1 + $0 * 2) } <= Self.resets)
  }

  @Test("Pings, settings, empty content, priorities, unknown frames, and windows of one byte")
  func frames() {
    #expect(repetitions { _ in frame(6, Array(1...8)) } <= Self.frames)
    #expect(repetitions { _ in frame(4) } <= Self.resets)
    #expect(repetitions { initialWindow($0) } <= Self.resets)
    #expect(repetitions { _ in frame(2, stream: 1, [0, 0, 0, 0, 9]) } <= Self.frames)
    #expect(repetitions { _ in frame(0x16) } <= Self.frames)
    #expect(repetitions { _ in windowUpdate(0, 1) } <= Self.frames / 2)
    let body = TestPeer()
    body.receive(headers(1, postBlock, flags: 4))
    #expect(repetitions(body) { _ in frame(0, stream: 1) } <= Self.frames)
  }

  @Test("Windows of one byte, each of which lets one byte of an event out, bring nothing")
  func windowGames() {
    let peer = TestPeer()
    peer.receive(initialWindow(0))
    let stream = peer.open(1)[0]
    let count = repetitions(peer) { _ in
      _ = stream.write([1, 2, 3], from: 0)
      return windowUpdate(1, 1)
    }
    #expect(count <= Self.frames / 2)
  }

  @Test("A client that takes events may open its windows for each of them, for ever")
  func honest() {
    let peer = TestPeer()
    let stream = peer.open(1)[0]
    let count = repetitions(peer) { _ in
      _ = stream.write([1, 2, 3], from: 0)
      return windowUpdate(1, 3) + windowUpdate(0, 3)
    }
    #expect(count == .max)
  }

  @Test("The budget comes back with time")
  func time() {
    let peer = TestPeer()
    for _ in 0..<60 {
      for _ in 0..<160 { peer.receive(frame(6, Array(1...8))) }
      _ = peer.sent()
      peer.now = peer.now.advanced(by: .seconds(1))
    }
    #expect(!peer.connection.isClosing)
  }

  @Test("Units come back evenly, however short the times between frames are")
  func shortTimes() {
    let peer = TestPeer()
    for _ in 0..<100 {
      for _ in 0..<16 { peer.receive(frame(6, Array(1...8))) }
      for _ in 0..<16 {
        peer.now = peer.now.advanced(by: .microseconds(6_250))
        peer.receive(frame(6, flags: 1, Array(1...8)))
      }
      _ = peer.sent()
    }
    // 3,200 frames in 10 s, for which 1,600 units come back.
    #expect(!peer.connection.isClosing)
  }

  @Test(
    "Requests that are answered at once are a flood too, whether the client reads the answers or not",
    arguments: [true, false])
  func requests(reads: Bool) {
    let peer = TestPeer()
    if !reads { peer.room = 0 }
    var answered = 0
    for number in 0..<3_000 where !peer.connection.isClosing && !peer.connection.isBroken {
      peer.receive(headers(UInt32(number * 2 + 1)))
      while answered < peer.requests.count {
        peer.requests[answered].respond([UInt8](repeating: 0x88, count: 150), [])
        answered += 1
      }
      #expect(peer.connection.heldByteCount <= HTTP2Connection.outputLimit)
      if reads { _ = peer.sent() }
    }
    #expect(answered < 1_100)
    #expect(
      reads
        ? peer.group.counters.goAways == [.flood: 1] : peer.connection.isBroken || peer.connection.isClosing)
  }

  @Test("A block of fields without an end is cut off, by its bytes and by its frames")
  func endlessBlock() {
    for fragment in [[UInt8](repeating: 0x82, count: 4_000), []] {
      let peer = TestPeer()
      peer.receive(headers(1, getBlock, flags: 1))
      for _ in 0..<20 { peer.receive(frame(9, stream: 1, fragment)) }
      #expect(peer.group.counters.goAways == [.fields: 1])
      #expect(peer.connection.heldByteCount == 0)
    }
  }

  @Test("One byte that names a large field of the table, thousands of times, takes no memory")
  func bomb() {
    let peer = TestPeer()
    let large: [UInt8] =
      [0x40, 0x01, 0x61, 0x7f, 0x81, 0x1e] + [UInt8](repeating: 0x62, count: 0x7f + 0x0f01)
    peer.receive(headers(1, getBlock + large + [UInt8](repeating: 0xbe, count: 8_000)))
    guard case .refused(let stream, let error) = peer.events.last else { return #expect(Bool(false)) }
    #expect(error == .tooManyFields)
    stream.respond([0x88], [])
    _ = peer.sent()
    #expect(peer.connection.heldByteCount == 0)
  }

  @Test("A request for many bytes that are not read holds a bounded number of them")
  func unreadAnswers() {
    let peer = TestPeer()
    peer.receive(initialWindow(0))
    let answer = [UInt8](repeating: 1, count: 20_000)
    for number in 0..<100 {
      peer.receive(headers(UInt32(number * 2 + 1)))
      peer.requests.last?.respond([0x88], answer)
      _ = peer.sent()
      #expect(peer.connection.heldByteCount <= HTTP2Connection.lastMaximum)
    }
    #expect(peer.group.counters.resetsSent > 90)
  }

  @Test("Bodies without an end hold few heads")
  func endlessBodies() {
    let peer = TestPeer()
    for number in 0..<100 { peer.receive(headers(UInt32(number * 2 + 1), postBlock, flags: 4)) }
    #expect(peer.connection.streams.count == HTTP2Connection.bodiesMaximum)
  }

  @Test("A client that goes on after its connection has ended is not read any more")
  func deaf() {
    let peer = TestPeer()
    peer.receive(headers(2))
    #expect(peer.connection.isClosing && peer.connection.isReading)
    for _ in 0..<5 { peer.receive([UInt8](repeating: 0, count: 16_384)) }
    #expect(!peer.connection.isReading)
    #expect(peer.pass(.seconds(2)) == .badRequest)
  }

  @Test("Events that are taken do not pay for streams that begin and end")
  func eventsAndResets() {
    let peer = TestPeer()
    let count = repetitions(peer) { number in
      let stream = peer.open(number * 2 + 1)[0]
      for _ in 0..<20 { _ = stream.write([1, 2, 3], from: 0) }
      return frame(3, stream: number * 2 + 1, [0, 0, 0, 8])
    }
    #expect((200...Self.resets).contains(count))
  }

  @Test(
    "Window updates that nothing explains are few: the first 256 are free, and then each costs as two resets do"
  )
  func idleWindows() {
    let free = Int(FloodBudget.windowsMaximum)
    #expect((free...free + Self.frames / 16).contains(repetitions { _ in windowUpdate(0, 1) }))
    let peer = TestPeer()
    for number in UInt32(0)..<100 {
      peer.receive(headers(number * 2 + 1) + windowUpdate(number * 2 + 1, 1_000_000))
    }
    // A hundred streams whose windows a browser enlarges at once cost what they always did.
    #expect(repetitions(peer) { _ in windowUpdate(1, 1) } > free / 2)
  }

  @Test("What wakes all streams costs by their number: settings, and small steps of the connection's window")
  func walks() {
    let wide = TestPeer()
    _ = Self.openHundred(wide)
    #expect(repetitions(wide) { initialWindow($0 % 2) } <= Self.frames / 100)

    let short = TestPeer()
    let streams = Self.openHundred(short)
    // The client has no window left on the connection.
    for stream in streams { _ = stream.write([UInt8](repeating: 1, count: 1_000), from: 0) }
    let steps = repetitions(short) { _ in
      _ = streams[99].write([1], from: 0)
      return windowUpdate(0, 1)
    }
    #expect(steps <= Self.frames / 100)
  }

  @Test("A client with many streams that renews the connection's window as it reads may do so for ever")
  func honestWindows() {
    let peer = TestPeer()
    peer.receive(initialWindow(0x4000_0000))
    let streams = Self.openHundred(peer)
    let count = repetitions(peer) { number in
      _ = streams[Int(number) % 100].write([UInt8](repeating: 1, count: 32_768), from: 0)
      return windowUpdate(0, 32_768)
    }
    #expect(count == .max)
  }

  @Test("Whatever a peer does, a connection holds no more bytes than stated")
  func cap() {
    let peer = TestPeer()
    peer.receive(windowUpdate(0, 0x7000_0000) + initialWindow(0))
    var streams: [HTTP2Stream] = []
    for number in 0..<40 { streams += peer.open(UInt32(number * 2 + 1)) }
    for stream in streams { peer.receive(windowUpdate(stream.id, 0x7000_0000)) }
    // Answers without a window, and requests whose bodies do not end.
    for number in 40..<43 {
      peer.receive(headers(UInt32(number * 2 + 1)))
      peer.requests.last?.respond([0x88], [UInt8](repeating: 1, count: 20_000))
    }
    let long =
      postBlock + field("user-agent", "a")
      + (0..<60).flatMap { _ in field("x", String(repeating: "a", count: 120)) }
    for number in 43..<47 { peer.receive(headers(UInt32(number * 2 + 1), long, flags: 4)) }
    _ = peer.sent()
    peer.room = 0
    let payload = [UInt8](repeating: 1, count: 100_000)
    for stream in streams { _ = stream.write(payload, from: 0) }
    // What arrives in one read, although nothing is written: pings, and a block of fields that is cut within a frame.
    let fragment = [UInt8](repeating: 0, count: 16_000)
    peer.receive((0..<900).flatMap { _ in frame(6, Array(1...8)) })
    peer.receive(
      headers(201, getBlock, flags: 1) + frame(9, stream: 201, fragment)
        + frame(9, stream: 201, fragment).dropLast())
    #expect(!peer.connection.isReading)
    // All of it is there, or the limit would mean nothing.
    #expect(peer.connection.heldByteCount > 220 * 1024)
    #expect(peer.connection.heldByteCount < 296 * 1024)
  }

  @Test("A closed connection holds nothing, also within a block of fields")
  func closed() {
    let peer = TestPeer()
    let streams = peer.open(1)
    peer.room = 0
    _ = streams.map { $0.write([UInt8](repeating: 1, count: 1_000), from: 0) }
    peer.receive(headers(3, getBlock, flags: 1))
    #expect(peer.connection.heldByteCount > 1_000)
    peer.connection.closed()
    #expect(peer.connection.heldByteCount == 0 && peer.connection.streams.isEmpty)
  }
}
