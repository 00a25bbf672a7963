import HTTP2
import Primitives

/// A client's side of a connection of HTTP/2, which several clients share.
///
/// It breaks no rule of the protocol, and checks that the server breaks none: a stream gets no more than its windows
/// allow, and nothing after its end.
final class SharedConnection {
  /// How a stream ended.
  enum StreamEnd: Equatable {
    /// With END_STREAM.
    case inOrder
    /// It was reset.
    case reset(UInt8)
    /// With its connection.
    case lost(String)
  }

  private enum FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let reset: UInt8 = 3
    static let settings: UInt8 = 4
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
  }

  private static let connectionWindow = 65_535

  let end: End<[UInt8]>
  private let name: String
  private let world: World
  private let window: Int
  private var streams: [UInt32: SharedStream] = [:]
  private var nextID: UInt32 = 1
  private var waiting: [[UInt8]] = []
  private var buffer: [UInt8] = []
  private var granted = connectionWindow
  private var consumed = 0
  /// Whether the server takes no further streams.
  private(set) var isGoingAway = false

  /// - Parameters:
  ///   - name: who connects.
  ///   - window: how many bytes each stream may have in transit.
  init(_ name: String, over end: End<[UInt8]>, window: Int, world: World) {
    self.name = name
    self.end = end
    self.window = window
    self.world = world
    end.onOpen = { [weak self] in self?.opened() }
    end.onReceive = { [weak self] in self?.received($0) }
    end.onClose = { [weak self] in self?.lost(because: $0) }
  }

  var isUsable: Bool { !isGoingAway && !end.isClosed }

  // MARK: Streams

  /// Opens a stream.
  ///
  /// - Parameter fields: further fields of the request.
  func open(_ target: String, fields: [(name: String, value: String)], host: String) -> SharedStream {
    let id = nextID
    nextID += 2
    let stream = SharedStream(id, of: self, window: window)
    streams[id] = stream
    var block: [UInt8] = [0x82, 0x86]
    for (name, value) in [(":authority", host), (":path", target)] + fields {
      HeaderEncoder.append(Array(name.utf8), Array(value.utf8), to: &block)
    }
    send(FrameType.headers, flags: 5, id, block)
    return stream
  }

  func cancel(_ id: UInt32) {
    streams[id] = nil
    send(FrameType.reset, id, Self.number(8))
  }

  func grant(_ count: Int, on id: UInt32) { send(FrameType.windowUpdate, id, Self.number(UInt32(count))) }

  // MARK: Frames

  private static func number(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
  }

  private func send(_ type: UInt8, flags: UInt8 = 0, _ stream: UInt32 = 0, _ payload: [UInt8] = []) {
    let length = [16, 8, 0].map { UInt8(truncatingIfNeeded: payload.count >> $0) }
    let frame = length + [type, flags] + Self.number(stream) + payload
    if end.isOpen { end.send(frame) } else { waiting.append(frame) }
  }

  private func opened() {
    let frames = waiting
    waiting = []
    end.send(ConnectionPreface.bytes)
    send(FrameType.settings, 0, [0, 4] + Self.number(UInt32(window)))
    for frame in frames { end.send(frame) }
  }

  private func received(_ bytes: [UInt8]) {
    buffer += bytes
    while buffer.count >= 9 {
      let length = Int(buffer[0]) << 16 | Int(buffer[1]) << 8 | Int(buffer[2])
      guard buffer.count >= 9 + length else { return }
      let payload = Array(buffer[9..<9 + length])
      let stream = buffer[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
      let (type, flags) = (buffer[3], buffer[4])
      buffer.removeFirst(9 + length)
      take(type, flags, stream, payload)
    }
  }

  private func take(_ type: UInt8, _ flags: UInt8, _ id: UInt32, _ payload: [UInt8]) {
    switch type {
    case FrameType.data: takeData(payload, of: id)
    case FrameType.headers:
      // The size of the table, and :status 200.
      if payload.prefix(2) != [0x20, 0x88] { violated("was answered \(payload.prefix(8))") }
      streams[id]?.began()
    case FrameType.reset: streams.removeValue(forKey: id)?.ended(.reset(payload.last ?? 0))
    case FrameType.settings: if flags & 1 == 0 { send(FrameType.settings, flags: 1) }
    case FrameType.ping: if flags & 1 == 0 { send(FrameType.ping, flags: 1, 0, payload) }
    case FrameType.goAway:
      if payload.last != 0 { violated("was sent away with code \(payload.last ?? 0)") }
      isGoingAway = true
    case FrameType.windowUpdate: break
    default: violated("got a frame of type \(type)")
    }
    if type <= FrameType.headers, flags & 1 == 1 { streams.removeValue(forKey: id)?.ended(.inOrder) }
  }

  private func takeData(_ content: [UInt8], of id: UInt32) {
    granted -= content.count
    consumed += content.count
    if granted < 0 { violated("got more than its connection's window") }
    if consumed > Self.connectionWindow / 2 {
      grant(consumed, on: 0)
      granted += consumed
      consumed = 0
    }
    // The client may have reset it a moment ago.
    guard let stream = streams[id] else { return }
    if !stream.isOpen { violated("got content before a head") }
    if !stream.received(content) { violated("got more than the window of stream \(id)") }
  }

  private func violated(_ text: String) { world.violated("http2", "\(name) \(text)") }

  private func lost(because reason: String) {
    let ended = streams.sorted { $0.key < $1.key }
    streams = [:]
    for (_, stream) in ended { stream.ended(.lost(reason)) }
  }
}
