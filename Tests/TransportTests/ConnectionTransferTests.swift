import Primitives
import Testing

@testable import Reactor
@testable import Transport

@Suite("Bytes over a connection")
struct ConnectionTransferTests {
  @Test(
    "Megabytes cross both ways at once, whole and in order, in chunks of any size",
    arguments: Carrier.allCases)
  func bothWays(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let (accepted, dialled) = try meeting.open()
    let bytes = pattern(4 << 20)
    // Chunks around the size of a record, and above.
    let sizes = [1, 100, 16_383, 16_384, 16_385, 50_000, 3, 300_000]
    var start = 0
    var index = 0
    while start < bytes.count {
      let end = min(bytes.count, start + sizes[index % sizes.count])
      accepted.send(Array(bytes[start..<end]))
      dialled.send(Array(bytes[start..<end]))
      start = end
      index += 1
    }
    #expect(accepted.backlog == bytes.count)
    try meeting.loop.turn {
      meeting.server.received.count >= bytes.count && meeting.client.received.count >= bytes.count
    }
    expect(meeting.server.received, toBe: bytes)
    expect(meeting.client.received, toBe: bytes)
    for connection in [accepted, dialled] {
      #expect(connection.backlog == 0)
      #expect(connection.bytesSent == UInt64(bytes.count))
      #expect(connection.bytesReceived == UInt64(bytes.count))
    }
  }

  @Test("The backlog gives the bytes that a peer has not read; it falls as the peer reads")
  func backpressure() throws {
    let meeting = try Meeting()
    let client = try meeting.rawClient()
    try meeting.loop.turn { meeting.server.openings == 1 }
    let accepted = try #require(meeting.accepted)
    let bytes = pattern(16 << 20)
    accepted.send(bytes)
    meeting.loop.poll()
    let stuck = accepted.backlog
    #expect(0 < stuck && stuck < bytes.count)
    #expect(meeting.server.backlogs == [stuck])
    for _ in 0..<10 { meeting.loop.poll() }
    #expect(accepted.backlog == stuck, "nobody reads")
    #expect(meeting.server.backlogs == [stuck], "no progress is told where there is none")
    accepted.send([1, 2, 3])
    #expect(accepted.backlog == stuck + 3)

    var received: [UInt8] = []
    try meeting.loop.turn {
      read(from: client.number, onto: &received)
      return received.count == bytes.count + 3
    }
    expect(received, toBe: bytes + [1, 2, 3])
    #expect(meeting.server.backlogs.last == 0)
    #expect(meeting.server.backlogs.dropFirst(2) == meeting.server.backlogs.dropFirst(2).sorted(by: >)[...])
  }

  @Test("A blocked TLS writer continues with more bytes after the unwritten ones")
  func blockedTLS() throws {
    let meeting = try Meeting(over: .tls)
    let (accepted, dialled) = try meeting.open()
    // Each turn sends more than the last one left: retries never offer the same chunks twice.
    var expected: [UInt8] = []
    for round in 1...60 {
      for size in [round, 40_000 + round, 7] {
        let chunk = pattern(size)
        expected += chunk
        dialled.send(chunk)
      }
      if round % 4 == 0 { meeting.loop.poll() }
    }
    try meeting.loop.turn { meeting.server.received.count >= expected.count }
    expect(meeting.server.received, toBe: expected)
    accepted.close()
  }

  @Test("Small pieces sent within a turn leave in one record")
  func gathering() throws {
    let meeting = try Meeting(over: .tls)
    let (_, dialled) = try meeting.open()
    for number in 0..<1_000 { dialled.send([UInt8(truncatingIfNeeded: number), 0, 0, 0]) }
    try meeting.loop.turn { meeting.server.received.count == 4_000 }
    #expect(meeting.server.counts == [4_000], "the reader is handed one record at a time")
    #expect(meeting.client.backlogs == [0])
    for _ in 0..<10 { dialled.send(pattern(5_000)) }
    try meeting.loop.turn { meeting.server.received.count == 54_000 }
    #expect(meeting.server.counts.dropFirst() == [16_384, 16_384, 16_384, 848])
  }

  @Test("A peer that sends much is read in portions, to the end", arguments: Carrier.allCases)
  func portions(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let (accepted, dialled) = try meeting.open()
    let bytes = pattern(3 << 20)
    dialled.send(bytes)
    // The number of reads per turn, each of a record or of the buffer.
    let limit: UInt64 = carrier == .tls ? 8 * 16_384 : 8 * 65_536
    var before: UInt64 = 0
    var largest: UInt64 = 0
    try meeting.loop.turn {
      largest = max(largest, accepted.bytesReceived - before)
      before = accepted.bytesReceived
      return before == bytes.count
    }
    #expect(largest <= limit)
    if carrier == .tls { #expect(largest == limit) }
    expect(meeting.server.received, toBe: bytes)
    for _ in 0..<3 { meeting.loop.poll() }
    #expect(meeting.server.received.count == bytes.count)
  }

  @Test("While one peer floods, another is served in every turn")
  func fairness() throws {
    let meeting = try Meeting(over: .tls)
    let (_, flooding) = try meeting.open()
    let quiet = try Meeting.Bystander(on: meeting.network)
    try meeting.loop.turn { quiet.recorder.openings == 1 }
    flooding.send([UInt8](repeating: 7, count: 8 << 20))
    for number in 1...20 {
      #expect(Socket.send(quiet.far.number, [UInt8(number)]) == .moved(1))
      meeting.loop.poll()
      #expect(quiet.recorder.received.count == number)
    }
    #expect(meeting.server.received.count < 8 << 20)
  }

  @Test("Many connections may share the same waiting bytes")
  func sharedBytes() throws {
    let meeting = try Meeting()
    let bystanders = try (0..<20).map { _ in try Meeting.Bystander(on: meeting.network) }
    let bytes = pattern(50_000)
    for bystander in bystanders { bystander.connection.send(bytes) }
    for bystander in bystanders {
      var received: [UInt8] = []
      try meeting.loop.turn {
        read(from: bystander.far.number, onto: &received)
        return received.count == bytes.count
      }
      expect(received, toBe: bytes)
    }
  }
}
