import HTTP2
import Testing

@testable import Bench

@Suite("The client's side of HTTP/2")
struct MultiplexedConnectionTests {
  private func connection(_ ids: [[UInt8]] = [[], []]) throws -> MultiplexedConnection {
    var connection = MultiplexedConnection(
      to: try TargetURL(parsing: "https://edge.example:8443/subscribe/eps?resume=1"), lastIDs: ids)
    _ = connection.takeOutput()
    return connection
  }

  /// What the connection makes of bytes: the bodies by the index of the stream.
  private func take(
    _ bytes: [UInt8], _ connection: inout MultiplexedConnection
  ) throws(MultiplexedConnection.Failure) -> [Int: [UInt8]] {
    var bodies: [Int: [UInt8]] = [:]
    try connection.take(bytes.span) { bodies[$0, default: []] += bytes[$1] }
    return bodies
  }

  @Test("It opens all streams at once, each after its own event, with windows that do not end")
  func opening() throws {
    var connection = MultiplexedConnection(
      to: try TargetURL(parsing: "https://edge.example:8443/subscribe/eps?resume=1"),
      lastIDs: [[], Array("a:7".utf8)])
    var bytes = connection.takeOutput()
    #expect(connection.takeOutput() == [])
    #expect(bytes.starts(with: ConnectionPreface.bytes))
    bytes.removeFirst(ConnectionPreface.bytes.count)
    var (reader, decoder, index) = (FrameReader(), HeaderDecoder(), 0)
    var frames: [Frame] = []
    while let frame = try reader.next(bytes.span, from: &index) { frames.append(frame) }
    #expect(frames.count == 4)
    #expect(frames[0] == .settings([.other, .other, .initialWindow(Int(Int32.max))]))
    #expect(frames[1] == .windowUpdate(stream: 0, increment: Int(Int32.max) - 65_535))
    for (frame, (stream, id)) in zip(frames[2...], [(UInt32(1), nil), (3, "a:7")] as [(UInt32, String?)]) {
      guard case .headers(stream, let headers) = frame else {
        Issue.record("\(frame)")
        continue
      }
      #expect(headers.endsBlock && headers.endsStream)
      var fields: [String: String] = [:]
      try decoder.decode(headers.fragment) {
        fields[String(decoding: $0.name, as: UTF8.self)] = String(decoding: $0.value, as: UTF8.self)
      }
      #expect(fields[":path"] == "/subscribe/eps?resume=1")
      #expect(fields[":authority"] == "edge.example:8443")
      #expect(fields["last-event-id"] == id)
    }
  }

  @Test("It streams once every stream has begun, and is over once every stream has ended")
  func course() throws {
    var connection = try connection()
    #expect(try take(frame(4) + frame(1, flags: 4, stream: 1, [0x88]), &connection) == [:])
    #expect(connection.takeOutput() == frame(4, flags: 1))
    #expect(!connection.isStreaming)
    let bodies = try take(
      frame(1, flags: 4, stream: 3, [0x20, 0x88]) + frame(0, stream: 3, [3]) + frame(0, stream: 1, [1]),
      &connection)
    #expect(bodies == [0: [1], 1: [3]])
    #expect(connection.isStreaming)
    #expect(try take(frame(6, Array(1...8)), &connection) == [:])
    #expect(connection.takeOutput() == frame(6, flags: 1, Array(1...8)))
    let away = frame(7, [0x7f, 255, 255, 255, 0, 0, 0, 0])
    #expect(try take(away + frame(0, flags: 1, stream: 1, [9]), &connection) == [0: [9]])
    #expect(!connection.isOver)
    #expect(try take(frame(0, flags: 1, stream: 3), &connection) == [:])
    #expect(connection.isOver)
  }

  @Test("A refusal, a reset and a stream that was not asked for end it")
  func refusals() throws {
    for (bytes, failure) in [
      (frame(1, flags: 4, stream: 1, [0x8d]), MultiplexedConnection.Failure.status("404")),
      (frame(3, stream: 1, [0, 0, 0, 7]), .reset(code: 7)),
      (frame(0, stream: 9, [1]), .malformed),
    ] {
      var connection = try connection()
      #expect(throws: failure) { try take(bytes, &connection) }
    }
  }

  @Test("Half of the window is granted again")
  func windows() throws {
    var connection = try connection([[]])
    let piece = [UInt8](repeating: 1, count: 16_384)
    let frames = Array(repeating: [0, 0x40, 0, 0, 0, 0, 0, 0, 1] + piece, count: 512).joined()
    let bytes = Array(frames)
    for _ in 0..<63 { try connection.take(bytes.span) { _, _ in } }
    #expect(connection.takeOutput() == [])
    try connection.take(bytes.span) { _, _ in }
    let amount: [UInt8] = [0x20, 0, 0, 0]
    #expect(connection.takeOutput() == frame(8, amount) + frame(8, stream: 1, amount))
  }
}
