import Primitives
import Testing
import Transport

@testable import Reactor

@Suite("Finishing a connection")
struct ConnectionFinishTests {
  @Test(
    "All queued bytes arrive, then the end; the finishing owner is not called", arguments: Carrier.allCases)
  func deliversAll(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let (accepted, _) = try meeting.open()
    let bytes = pattern(6 << 20)
    accepted.send(bytes)
    accepted.finish()
    accepted.send([1])
    #expect(accepted.backlog == bytes.count, "nothing more is taken")
    try meeting.loop.turn { !meeting.client.ends.isEmpty }
    expect(meeting.client.received, toBe: bytes)
    #expect(meeting.client.ends == [.peerClosed])
    #expect(meeting.server.ends == [])
    #expect(!accepted.isAlive)
  }

  @Test("It continues without its owner", arguments: Carrier.allCases)
  func ownerIsGone(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    var (accepted, dialled): (Connection?, Connection?) = try meeting.open()
    let bytes = pattern(6 << 20)
    accepted?.send(bytes)
    accepted?.finish()
    weak let observed = accepted
    accepted = nil
    meeting.forget()
    try meeting.loop.turn { dialled?.isAlive == false }
    dialled = nil
    expect(meeting.client.received, toBe: bytes)
    #expect(observed == nil)
  }

  @Test("With nothing queued it ends at once")
  func nothingQueued() throws {
    let meeting = try Meeting()
    let (accepted, dialled) = try meeting.open()
    accepted.finish()
    #expect(!accepted.isAlive)
    try meeting.loop.turn { !dialled.isAlive }
    #expect(meeting.client.ends == [.peerClosed])
  }

  @Test(
    "Bytes in the kernel arrive even if the peer's own bytes are never read",
    arguments: [Carrier.tcp, .unix])
  func unreadBytes(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let answer = pattern(3 << 20)
    meeting.server.onReceiving = { connection in
      connection.send(answer)
      connection.finish()
    }
    let client = try meeting.rawClient()
    try meeting.loop.turn { meeting.server.openings == 1 }
    // The server answers the first bytes of this, and ends while the rest is still arriving.
    let request = [UInt8](repeating: 1, count: 1 << 20)
    var sent = 0
    var received: [UInt8] = []
    var end = TransferResult.wouldBlock
    try meeting.loop.turn {
      if case .moved(let count) = Socket.send(client.number, request, from: sent) { sent += count }
      // The sender does not read yet: a reset would overtake the answer.
      if meeting.accepted?.isAlive == false || sent == request.count {
        end = read(from: client.number, onto: &received)
      }
      meeting.loop.schedule(at: meeting.loop.now) {}
      return end != .wouldBlock
    }
    #expect(end == .ended)
    expect(received, toBe: answer)
  }

  @Test("A peer that ended its side after its request gets the full answer", arguments: [Carrier.tcp, .unix])
  func halfClosed(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let answer = pattern(3 << 20)
    meeting.server.onReceiving = { connection in
      connection.send(answer)
      connection.finish()
    }
    let client = try meeting.rawClient()
    #expect(Socket.send(client.number, [1]) == .moved(1))
    Socket.shutdownWriting(client.number)
    var received: [UInt8] = []
    try meeting.loop.turn { read(from: client.number, onto: &received) != .wouldBlock }
    expect(received, toBe: answer)
    #expect(meeting.server.ends == [])
  }

  @Test("Bytes queued when the peer ended its side are still written, as far as they fit")
  func lastWrite() throws {
    let meeting = try Meeting()
    meeting.server.onReceiving = { $0.send([2, 3]) }
    let client = try meeting.rawClient()
    #expect(Socket.send(client.number, [1]) == .moved(1))
    Socket.shutdownWriting(client.number)
    var received: [UInt8] = []
    try meeting.loop.turn { read(from: client.number, onto: &received) != .wouldBlock }
    #expect(received == [2, 3])
    #expect(meeting.server.ends == [.peerClosed])
  }

  @Test("A peer that does not read is given up after the limit")
  func limit() throws {
    let meeting = try Meeting()
    let client = try meeting.rawClient()
    try meeting.loop.turn { meeting.server.openings == 1 }
    let accepted = try #require(meeting.accepted)
    accepted.send(pattern(16 << 20))
    accepted.finish(within: .milliseconds(30))
    try meeting.loop.turn { !accepted.isAlive }
    #expect(meeting.server.ends == [.timedOut])
    _ = client.number
  }

  @Test("A connection that is not open yet is closed", arguments: [Carrier.tcp, .tls])
  func notOpen(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let dialled = meeting.dial()
    dialled.send([1])
    dialled.finish()
    #expect(!dialled.isAlive)
    meeting.loop.poll()
    #expect(meeting.client.isSilent)
  }
}
