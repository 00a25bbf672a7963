import HTTP2

/// The client's side of an HTTP/2 connection with several event streams: it opens all of them at once, lets the server
/// send whatever it has, and answers what must be answered.
struct MultiplexedConnection: Sendable {
  /// Why a connection has failed.
  enum Failure: Error, Equatable {
    case status(String)
    case reset(code: UInt32)
    case malformed
  }

  private typealias FrameType = FrameScanner.FrameType
  private typealias Flag = FrameScanner.Flag
  /// The largest window of a stream, and of the connection.
  private static let windowMaximum = UInt32(Int32.max)
  /// The window of a connection before any update.
  private static let windowAtStart: UInt32 = 65_535
  /// The window is granted again after this number of bytes: long before it is used up.
  private static let windowStep = 1 << 29

  private var scanner = FrameScanner()
  private var decoder = HeaderDecoder()
  private let streamCount: Int
  /// How many streams have begun, and how many of these have ended.
  private var begun = 0
  private var over = 0
  /// The bytes of bodies since the windows were last granted, of the connection and by stream.
  private var received = 0
  private var receivedByStream: [Int]

  /// What must be sent to the server.
  private(set) var output: [UInt8] = []

  /// Whether the server has answered each request with a stream of events.
  var isStreaming: Bool { begun == streamCount }
  /// Whether no stream is open any more.
  var isOver: Bool { begun == streamCount && over == streamCount }

  /// A connection whose ``output`` is the preface, and a request for each stream.
  ///
  /// - Parameter lastIDs: for each stream the id after which it continues; empty for a new client.
  init(to target: TargetURL, lastIDs: [[UInt8]]) {
    streamCount = lastIDs.count
    receivedByStream = Array(repeating: 0, count: lastIDs.count)
    output = ConnectionPreface.bytes
    // No dynamic table (1), no pushes (2), and the largest window for each stream (4).
    let settings: [(UInt8, UInt32)] = [(1, 0), (2, 0), (4, Self.windowMaximum)]
    append(FrameType.settings, payload: settings.flatMap { [0, $0] + Self.bytes($1) })
    grant(Self.windowMaximum - Self.windowAtStart, stream: 0)
    for (index, id) in lastIDs.enumerated() {
      append(
        FrameType.headers, flags: Flag.endStream | Flag.endHeaders, stream: Self.stream(at: index),
        payload: Self.request(target, after: id))
    }
  }

  /// Clients number their streams 1, 3, 5 … (RFC 9113 §5.1.1).
  private static func stream(at index: Int) -> UInt32 { UInt32(2 * index + 1) }
  private static func index(of stream: UInt32) -> Int { Int(stream) / 2 }

  private static func request(_ target: TargetURL, after id: [UInt8]) -> [UInt8] {
    var block: [UInt8] = []
    let fields = [
      (":method", "GET"), (":scheme", target.isTLS ? "https" : "http"), (":authority", "\(target.endpoint)"),
      (":path", target.path), ("accept", "text/event-stream"), ("user-agent", "emojitrack-bench"),
    ]
    for (name, value) in fields { HeaderEncoder.append(Array(name.utf8), Array(value.utf8), to: &block) }
    if !id.isEmpty { HeaderEncoder.append(Array("last-event-id".utf8), id, to: &block) }
    return block
  }

  /// Takes received bytes.
  ///
  /// - Parameter body: is passed the index of a stream, and bytes of its body as a range of `bytes`.
  mutating func take(_ bytes: Span<UInt8>, body: (Int, Range<Int>) -> Void) throws(Failure) {
    var index = 0
    while let part = scanner.nextPart(in: bytes, from: &index) {
      switch part {
      case .body(let stream, let run):
        let place = Self.index(of: stream)
        guard receivedByStream.indices.contains(place) else { throw .malformed }
        count(run.count, stream: stream, place)
        body(place, run)
      case .end: over += 1
      case .frame(let type, let flags, let stream, let payload):
        try take(type, flags, stream, payload)
      }
    }
  }

  /// Takes ``output``, which becomes empty.
  mutating func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  private mutating func take(
    _ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]
  ) throws(Failure) {
    switch type {
    case FrameType.headers:
      guard flags & Flag.endHeaders != 0 else { throw .malformed }
      var status: [UInt8] = []
      do throws(HTTP2ErrorCode) {
        try decoder.decode(payload) { if $0.name == Array(":status".utf8) { status = $0.value } }
      } catch { throw .malformed }
      guard status == Array("200".utf8) else { throw .status(String(decoding: status, as: UTF8.self)) }
      begun += 1
      over += flags & Flag.endStream != 0 ? 1 : 0
    case FrameType.settings where flags & Flag.acknowledgement == 0:
      append(FrameType.settings, flags: Flag.acknowledgement)
    case FrameType.ping where flags & Flag.acknowledgement == 0:
      append(FrameType.ping, flags: Flag.acknowledgement, payload: payload)
    case FrameType.resetStream:
      throw .reset(code: payload.reduce(0) { $0 << 8 | UInt32($1) })
    default: break
    }
  }

  private mutating func count(_ bytes: Int, stream: UInt32, _ place: Int) {
    received += bytes
    receivedByStream[place] += bytes
    if received >= Self.windowStep {
      grant(UInt32(received), stream: 0)
      received = 0
    }
    if receivedByStream[place] >= Self.windowStep {
      grant(UInt32(receivedByStream[place]), stream: stream)
      receivedByStream[place] = 0
    }
  }

  private mutating func grant(_ bytes: UInt32, stream: UInt32) {
    append(FrameType.windowUpdate, stream: stream, payload: Self.bytes(bytes))
  }

  private mutating func append(
    _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []
  ) {
    output += Self.bytes(UInt32(payload.count)).dropFirst() + [type, flags] + Self.bytes(stream) + payload
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}
