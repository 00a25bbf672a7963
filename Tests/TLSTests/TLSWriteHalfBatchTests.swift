import Glibc
import TLS
import Testing

@Suite("The same bytes to many sessions")
struct TLSWriteHalfBatchTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  private func meetings(_ count: Int, sendBuffer: Int32? = nil) throws -> [Meeting] {
    let (server, client) = try (certificates.publicServer(), certificates.browser())
    return try (0..<count).map { _ in
      let meeting = try Meeting(server: server, client: client, sendBuffer: sendBuffer)
      try #require(meeting.serverResult == .complete && meeting.clientResult == .complete)
      // The client reads its ticket, so that only events are under way afterwards.
      try #require(meeting.client.receive().result == .wantsRead)
      return meeting
    }
  }

  /// Writes to all servers; returns the incomplete writes by index.
  private func deliver(_ bytes: [UInt8], to meetings: [Meeting]) -> [Int: TLSWriteHalf.WriteResult] {
    var short: [Int: TLSWriteHalf.WriteResult] = [:]
    TLSWriteHalf.write(bytes, toEach: meetings.map(\.server.output)[...]) { short[$0] = $1 }
    return short
  }

  @Test("All of them receive it, and none is reported")
  func everybody() throws {
    let meetings = try meetings(5)
    for round in 0..<3 {
      let event = Array("data:\(round)\n\n".utf8)
      #expect(deliver(event, to: meetings) == [:])
      for meeting in meetings { #expect(meeting.client.receive().bytes == event) }
    }
  }

  @Test("Without bytes or without sessions nothing happens")
  func nothing() throws {
    let meetings = try meetings(1)
    #expect(deliver([], to: meetings) == [:])
    #expect(deliver([1], to: []) == [:])
    #expect(meetings[0].client.receive().result == .wantsRead)
  }

  @Test("A session that left, failed, or does not read is reported, and does not affect the others")
  func mixed() throws {
    let meetings = try meetings(5, sendBuffer: 4_096)
    meetings[1].sockets.closeClient()
    try meetings[2].sockets.sendRaw(
      [23, 3, 3, 0, 20] + [UInt8](repeating: 0, count: 20), from: meetings[2].sockets.client)
    let broken = try #require(meetings[2].server.receive().result.failure)
    while meetings[3].server.send([UInt8](repeating: 1, count: 1_000)) == .wrote(1_000) {}

    let event = [UInt8](repeating: 7, count: 100)
    for _ in 0..<2 {
      let short = deliver(event, to: meetings)
      #expect(short.keys.sorted() == [1, 2, 3])
      #expect(short[1]?.failure?.reason == .reset)
      #expect(short[2] == .failed(broken))
      #expect(short[3] == .wantsWrite)
      #expect(meetings[3].server.output.boundCount == 1_000)
      for index in [0, 4] { #expect(meetings[index].client.receive().bytes == event) }
    }
  }

  @Test("Of more than a record, only one record is written")
  func long() throws {
    let meetings = try meetings(2)
    let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(deliver(bytes, to: meetings) == [0: .wrote(16_384), 1: .wrote(16_384)])
    #expect(meetings[1].client.receive().bytes == Array(bytes.prefix(16_384)))
  }

  @Test("The callback for a short write may use any session, including this one")
  func reentry() throws {
    let meetings = try meetings(3)
    meetings[0].sockets.closeClient()
    TLSWriteHalf.write([1], toEach: meetings.map(\.server.output)[...]) { index, result in
      #expect(index == 0)
      #expect(result.failure?.reason == .reset)
      #expect(meetings[0].server.send([2]).failure?.reason == .reset)
      #expect(meetings[1].server.receive().result == .wantsRead)
      #expect(meetings[2].server.send([3]) == .wrote(1))
    }
    #expect(meetings[1].client.receive().bytes == [1])
    #expect([meetings[2].client.receive().bytes, meetings[2].client.receive().bytes] == [[3], [1]])
  }

  @Test("A partly sent record is completed with the same bytes, whatever follows them")
  func resumption() throws {
    let meetings = try meetings(1, sendBuffer: 4_096)
    let (server, client) = (meetings[0].server, meetings[0].client)
    var expected: [UInt8] = []
    var event: [UInt8] = []
    repeat {
      expected += event
      event = [UInt8](repeating: UInt8(expected.count / 500 % 256), count: 500)
    } while deliver(event, to: meetings) == [:]
    #expect(server.output.boundCount == 500)
    #expect(deliver([1, 2, 3], to: meetings) == [0: .wantsWrite], "nothing else comes in between")
    // The event that did not fit is bound to be sent: it comes first, and later events follow.
    let late = event + Array("later".utf8)
    expected += late
    var (sent, received): (Int, [UInt8]) = (0, [])
    for _ in 0..<10_000 where received.count < expected.count {
      received += client.receive().bytes
      if sent < late.count, case .wrote(let count) = server.send(late[sent...]) { sent += count }
    }
    #expect(received == expected)
    #expect(server.output.boundCount == 0)
    #expect(deliver([1, 2, 3], to: meetings) == [:])
    #expect(client.receive().bytes == [1, 2, 3])
  }
}
