import HTTP2
import Primitives

@testable import EdgeCore

/// A client of an HTTP/2 connection, byte by byte, and the socket between the two.
final class TestPeer: HTTP2Output {
  /// A frame that the connection sent.
  struct Sent: Equatable, CustomStringConvertible {
    let type: UInt8
    let flags: UInt8
    let stream: UInt32
    let payload: [UInt8]

    /// The four bytes of an error code at the end of a reset or a `GOAWAY`.
    var code: UInt8? { payload.last }
    var description: String { "\(type)/\(flags) on \(stream): \(payload.count) bytes" }
  }

  private var received: [UInt8] = []
  /// How many bytes the socket takes; each write lowers it.
  var room = Int.max
  private(set) var writes = 0
  var now = Instant(nanoseconds: 1_000_000_000)
  private(set) lazy var group = HTTP2Group(
    HTTP2Limits(headTimeout: .seconds(10), lagMaximum: .seconds(60)), becameDue: {})
  private(set) lazy var connection = HTTP2Connection(
    ConnectionID(slot: 0, generation: 1), in: group, output: self, preface: ConnectionPreface(), now: now)
  /// What happened on the connection.
  private(set) var events: [HTTP2Connection.Event] = []

  /// - Parameter isGreeted: whether both sides have exchanged their settings.
  init(isGreeted: Bool = true) {
    guard isGreeted else { return }
    receive(ConnectionPreface.bytes + frame(4) + frame(4, flags: 1))
    _ = sent()
  }

  func send(_ bytes: [UInt8], from start: Int) -> WriteOutcome {
    writes += 1
    let count = min(room, bytes.count - start)
    received += bytes[start..<start + count]
    if room != .max { room -= count }
    return .accepted(count)
  }

  /// The connection receives bytes, and the turn ends.
  func receive(_ bytes: [UInt8]) {
    var index = 0
    while let event = connection.bytesReceived(bytes.span, from: &index, now: now) { events.append(event) }
    group.flush()
  }

  /// Takes out the frames that the connection sent.
  func sent() -> [Sent] {
    group.flush()
    var frames: [Sent] = []
    while received.count >= 9 {
      let length = Int(received[0]) << 16 | Int(received[1]) << 8 | Int(received[2])
      guard received.count >= 9 + length else { break }
      frames.append(
        Sent(
          type: received[3], flags: received[4], stream: received[5..<9].reduce(0) { $0 << 8 | UInt32($1) },
          payload: Array(received[9..<9 + length])))
      received.removeFirst(9 + length)
    }
    return frames
  }

  /// The requests that the connection received.
  var requests: [HTTP2Stream] {
    events.compactMap { if case .request(let stream, _) = $0 { stream } else { nil } }
  }

  /// The numbers of streams that ended before their answers.
  var endedStreams: [UInt32] {
    events.compactMap { if case .ended(let stream) = $0 { stream.id } else { nil } }
  }

  /// Opens streams, and begins their answers.
  func open(_ ids: UInt32...) -> [HTTP2Stream] {
    for id in ids { receive(headers(id)) }
    let streams = Array(requests.suffix(ids.count))
    for stream in streams { stream.begin([0x88]) }
    _ = sent()
    return streams
  }

  /// Time passes.
  func pass(_ duration: Duration) -> CloseReason? {
    now = now.advanced(by: duration)
    return connection.timePassed(now: now)
  }
}

/// A frame as bytes; the length may lie.
func frame(
  _ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = [], length: Int? = nil
) -> [UInt8] {
  let count = length ?? payload.count
  return [UInt8(count >> 16), UInt8(count >> 8 & 0xff), UInt8(count & 0xff), type, flags] + fourBytes(stream)
    + payload
}

func fourBytes(_ number: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
}

/// `GET /subscribe/eps` as a block of fields: method, scheme and authority from the static table.
let getBlock: [UInt8] = [0x82, 0x87, 0x01, 0x01, 0x61, 0x04, 0x0e] + Array("/subscribe/eps".utf8)

/// `POST /subscribe/cleanup/scores`.
let postBlock: [UInt8] = [0x83, 0x87, 0x01, 0x01, 0x61, 0x04, 0x19] + Array("/subscribe/cleanup/scores".utf8)

/// A request; by default a complete one without a body.
func headers(_ stream: UInt32, _ block: [UInt8] = getBlock, flags: UInt8 = 5) -> [UInt8] {
  frame(1, flags: flags, stream: stream, block)
}

/// A field as a literal.
func field(_ name: String, _ value: String) -> [UInt8] {
  [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
}

func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> [UInt8] {
  frame(8, stream: stream, fourBytes(increment))
}

/// A change of the window of all streams.
func initialWindow(_ size: UInt32) -> [UInt8] { frame(4, [0, 4] + fourBytes(size)) }
