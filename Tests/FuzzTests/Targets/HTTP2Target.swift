import HTTP
import Primitives
import TestSupport

@testable import EdgeCore
@testable import HTTP2

/// The socket of a connection: what it takes, and what it was sent.
private final class Socket: HTTP2Output {
  var room: Int
  private(set) var bytes: [UInt8] = []

  init(room: Int) { self.room = room }

  func send(_ bytes: [UInt8], from start: Int) -> WriteOutcome {
    let count = min(room, bytes.count - start)
    self.bytes += bytes[start..<start + count]
    room -= count
    return .accepted(count)
  }
}

/// A connection whose requests are answered in a way that follows from their stream's number.
private final class Server {
  private static let answer = [UInt8](repeating: 0x61, count: 100_000)
  /// Answers of 100,000 bytes, beside ``HTTP2Connection/lastMaximum``, for each of which the socket may be full.
  private static let heldMaximum =
    HTTP2Connection.outputLimit + HTTP2Connection.lastMaximum + answer.count + 16_384
  private let group = HTTP2Group(
    HTTP2Limits(headTimeout: .seconds(10), lagMaximum: .seconds(60)), becameDue: {})
  let connection: HTTP2Connection
  private var now = Instant.origin.advanced(by: .seconds(1))
  let socket: Socket
  private(set) var words: [String] = []

  init(room: Int) {
    socket = Socket(room: room)
    connection = HTTP2Connection(
      ConnectionID(slot: 0, generation: 1), in: group, output: socket, preface: ConnectionPreface(), now: now)
  }

  func receive(_ pieces: [ArraySlice<UInt8>]) throws {
    for piece in pieces where connection.isReading {
      let bytes = Array(piece)
      var index = 0
      while let event = connection.bytesReceived(bytes.span, from: &index, now: now) { perform(event) }
      try demand(index == bytes.count, "\(bytes.count - index) bytes were not taken")
      try checkMemory()
    }
    group.flush()
  }

  private func perform(_ event: HTTP2Connection.Event) {
    switch event {
    case .request(let stream, let head):
      words.append("\(stream.id): \(head.method) \(head.target.path) \(head.contentLength)")
      respond(to: stream)
    case .refused(let stream, let error):
      words.append("\(stream.id): \(error)")
      let response = Response.line(error.status, error.explanation)
      stream.respond(response.headerBlock(in: .last, date: nil), response.content?.bytes ?? [])
    case .ended(let stream): words.append("\(stream.id) ended")
    // Which frames make room depends on when the socket is written.
    case .windowOpened, .windowsOpened: break
    }
  }

  private func respond(to stream: HTTP2Stream) {
    switch stream.id / 2 % 5 {
    case 0: stream.respond([0x88], [1, 2, 3])
    case 1: stream.respond([0x88], Self.answer)
    case 2:
      stream.begin([0x88])
      _ = stream.write([UInt8](repeating: 0x62, count: 1_500), from: 0)
    case 3:
      stream.begin([0x88])
      stream.end(after: [])
    default: stream.reset(.cancel)
    }
  }

  /// Time passes, and the socket takes some bytes in between.
  func pass(_ room: Int) throws {
    for milliseconds: Int64 in [1, 999, 2_000, 8_000, 60_000] {
      socket.room += room
      now = now.advanced(by: .milliseconds(milliseconds))
      if connection.isBlocked { _ = connection.becameWritable(now: now) }
      if connection.timePassed(now: now) != nil { break }
      group.flush()
      try checkMemory()
    }
  }

  /// The driver closes the connection.
  func close() throws {
    connection.closed()
    _ = group.takeSettled()
    try demand(
      connection.streams.isEmpty && connection.heldByteCount == 0, "a closed connection holds something")
    try demand(group.counters.connections == 0 && group.counters.connectionsWithStreams == 0, "wrong counts")
  }

  private func checkMemory() throws {
    try demand(
      connection.streams.count <= HTTP2Connection.streamsMaximum, "\(connection.streams.count) streams")
    try demand(connection.heldByteCount <= Self.heldMaximum, "\(connection.heldByteCount) bytes are held")
    try demand(connection.held.count { $0.body != nil } <= HTTP2Connection.bodiesMaximum, "too many bodies")
  }
}

/// The requests that bytes make, and what is sent.
///
/// - Parameters:
///   - room: how many bytes the socket takes at once.
///   - more: how many it takes from time to time; nil if no time passes.
private func serve(
  _ pieces: [ArraySlice<UInt8>], room: Int = .max / 2, more: Int? = nil
) throws -> (words: [String], bytes: [UInt8]) {
  weak var connection: HTTP2Connection?
  let result = try {
    let server = Server(room: room)
    connection = server.connection
    try server.receive(pieces)
    let result = (words: server.words, bytes: server.socket.bytes)
    if let more { try server.pass(more) }
    try server.close()
    return result
  }()
  // Streams and connection hold each other while they are open.
  try demand(connection == nil, "a closed connection is not freed")
  return result
}

/// Checks what a server sent, as a client would: whole frames, of allowed lengths, and nothing on a stream after its end.
private func checkSent(_ bytes: [UInt8]) throws {
  var index = 0
  var ended: Set<UInt32> = []
  var begun: Set<UInt32> = []
  while index + 9 <= bytes.count {
    let length = bytes[index..<index + 3].reduce(0) { $0 << 8 | Int($1) }
    let type = bytes[index + 3]
    let stream = bytes[index + 5..<index + 9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    try demand(length <= 16_384, "a frame of \(length) bytes was sent")
    index += 9 + length
    guard type <= 1 || type == 3 else { continue }
    try demand(!ended.contains(stream), "frame \(type) was sent on stream \(stream) after its end")
    if type == 1 { try demand(begun.insert(stream).inserted, "two heads were sent on stream \(stream)") }
    if type == 0 {
      try demand(begun.contains(stream), "content was sent on stream \(stream) before its head")
    }
    // Our own reset may follow END_STREAM, to say that the rest of a request is not needed.
    if type == 3 { ended.insert(stream) }
  }
  try demand(index == bytes.count, "a part of a frame was sent")
}

/// A block of fields that is decoded is encoded so that it is decoded equally.
private func checkFields(_ block: [UInt8]) throws {
  func fields(_ block: [UInt8]) -> [HeaderField]? {
    var decoder = HeaderDecoder()
    var fields: [HeaderField] = []
    do { try decoder.decode(block) { fields.append($0) } } catch { return nil }
    return fields
  }
  guard let decoded = fields(block) else { return }
  var again: [UInt8] = []
  for field in decoded.prefix(200) { HeaderEncoder.append(field.name, field.value, to: &again) }
  try demand(fields(again) == Array(decoded.prefix(200)), "\(decoded) is encoded otherwise")
  var request = RequestFields()
  for field in decoded { request.append(field) }
  if case .request(let head) = request.request {
    try demand(head.version == .http2 && head.contentLength <= RequestLimits.bodyBytes, "a head is \(head)")
  }
}

extension FuzzTarget {
  /// Any division gives the same requests and the same output; memory stays within its limits even if the client reads slowly;
  /// what is sent is well-formed.
  static let http2 = FuzzTarget(
    name: "http2", subject: "frames and fields of HTTP/2, after a preface", sizeMaximum: 8_000,
    seeds: http2Seeds
  ) { bytes in
    let input = ConnectionPreface.bytes + bytes
    let whole = try serve([input[...]])
    try checkSent(whole.bytes)
    for division in input.divisions {
      let divided = try serve(division, more: 0)
      try demand(
        divided.words == whole.words, "other requests in pieces: \(divided.words), not \(whole.words)")
      try demand(divided.bytes == whole.bytes, "another output in pieces")
    }
    _ = try serve(input.divisions[1], room: 300, more: 20_000)
    try checkFields(bytes)
  }

  @Sendable private static func http2Seeds() -> [[UInt8]] {
    func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
      [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), type, flags, 0, 0, 0, stream] + payload
    }
    let get: [UInt8] = [0x82, 0x87, 0x01, 0x01, 0x61, 0x04, 0x0e] + Array("/subscribe/eps".utf8)
    let post: [UInt8] = [0x83, 0x87, 0x01, 0x01, 0x61, 0x04, 0x19] + Array("/subscribe/cleanup/scores".utf8)
    let greeting = frame(4, 0, 0, []) + frame(4, 1, 0, [])
    let gets = [UInt8](0..<5).flatMap { frame(1, 5, 2 * $0 + 1, get) }
    let huffman: [UInt8] = [
      0x82, 0x86, 0x84, 0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
    ]
    let body = frame(1, 4, 1, post + [0x0f, 0x0d, 1, 0x35]) + frame(0, 1, 1, Array("hello".utf8))
    return [
      greeting + gets, greeting + frame(1, 5, 1, huffman) + frame(1, 5, 3, [0x82, 0x86, 0x84, 0xbe]),
      greeting + body + frame(1, 4, 3, post) + frame(0, 8, 3, [2, 1, 0, 0])
        + frame(1, 5, 3, [0, 1, 0x78, 1, 0x79]),
      frame(4, 0, 0, [0, 4, 0, 0, 0, 10, 0, 5, 0, 0, 0x40, 0]) + gets + frame(8, 0, 3, [0, 0, 0x10, 0])
        + frame(8, 0, 0, [0, 1, 0, 0]) + frame(4, 0, 0, [0, 4, 0, 2, 0, 0]),
      greeting + frame(1, 1, 1, Array(get[..<4])) + frame(9, 0, 1, Array(get[4..<9]))
        + frame(9, 4, 1, Array(get[9...])),
      greeting + frame(1, 5, 1, get) + frame(3, 0, 1, [0, 0, 0, 8])
        + frame(6, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
      greeting + frame(1, 0x2d, 1, [1, 0, 0, 0, 3, 16] + get + [0]) + frame(2, 0, 1, [0, 0, 0, 1, 9])
        + frame(7, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0]) + frame(0x20, 0, 0, [1, 2]),
      greeting + frame(1, 5, 1, [0x20, 0x3f, 0xe1, 0x1f, 0x40, 1, 0x61, 1, 0x62, 0xbe] + get), get, huffman,
    ]
  }
}
