import Primitives
import TLS
import Testing
import Transport

@testable import Reactor

@Suite("The life of a connection")
struct ConnectionTests {
  @Test("Both ends open, know each other's address, and talk", arguments: Carrier.allCases)
  func talk(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let (accepted, dialled) = try meeting.open()
    #expect(dialled.remoteAddress == meeting.address)
    #expect(accepted.remoteAddress?.family == meeting.address.family)
    #expect(accepted.peerCertificate?.names == (carrier == .tls ? ["edge-1"] : nil))
    #expect(dialled.peerCertificate?.names == (carrier == .tls ? ["localhost"] : nil))
    dialled.send(Array("hello".utf8))
    try meeting.loop.turn { meeting.server.received == Array("hello".utf8) }
    accepted.send(Array("welcome".utf8))
    try meeting.loop.turn { meeting.client.received == Array("welcome".utf8) }
    #expect((accepted.bytesReceived, accepted.bytesSent) == (5, 7))
    #expect((dialled.bytesReceived, dialled.bytesSent) == (7, 5))
    accepted.close()
    dialled.close()
  }

  @Test("An owner is not called before it holds the connection", arguments: Carrier.allCases)
  func neverAtOnce(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    meeting.dial()
    #expect(meeting.client.isSilent)
    try meeting.loop.turn { meeting.server.openings == 1 && meeting.client.openings == 1 }
    #expect(meeting.silentAtFirst)
  }

  @Test("Nor for a connection that was broken when it was accepted")
  func doomed() throws {
    let meeting = try Meeting(over: .tls)
    let client = try meeting.rawClient()
    #expect(Socket.send(client.number, Array("GET / HTTP/1.1\r\n\r\n".utf8)) == .moved(18))
    try meeting.loop.turn { !meeting.server.ends.isEmpty }
    #expect(meeting.silentAtFirst)
    #expect(meeting.server.ends == [.tls(TLSFailure(.notTLS, "the peer speaks HTTP without TLS"))])
    #expect(meeting.server.openings == 0)
    _ = client.number
  }

  @Test("The closing owner is not called; the peer's owner is called once", arguments: Carrier.allCases)
  func close(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let (accepted, dialled) = try meeting.open()
    accepted.send([1, 2, 3])
    try meeting.loop.turn { meeting.client.received == [1, 2, 3] }
    accepted.close()
    accepted.close()
    #expect(!accepted.isAlive)
    #expect(dialled.isAlive)
    try meeting.loop.turn { !dialled.isAlive }
    meeting.loop.poll()
    #expect(meeting.server.ends == [])
    #expect(meeting.client.ends == [.peerClosed])
  }

  @Test("Bytes sent after the end are dropped")
  func sendAfterEnd() throws {
    let meeting = try Meeting()
    let (accepted, dialled) = try meeting.open()
    dialled.send([1])
    #expect(dialled.backlog == 1)
    dialled.close()
    dialled.send([2])
    dialled.finish()
    #expect(dialled.backlog == 0)
    try meeting.loop.turn { !accepted.isAlive }
    #expect(meeting.server.received == [])
  }

  @Test("Bytes sent before it is open leave when it is", arguments: Carrier.allCases)
  func sendBeforeOpen(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let dialled = meeting.dial()
    dialled.send([1, 2])
    dialled.send([])
    dialled.send([3])
    #expect(dialled.backlog == 3)
    try meeting.loop.turn { meeting.server.received == [1, 2, 3] }
    #expect(dialled.backlog == 0)
  }

  @Test("An accepted peer without a handshake is given up in time")
  func handshakeLimit() throws {
    let meeting = try Meeting(over: .tls, handshakeLimit: .milliseconds(30))
    let client = try meeting.rawClient()
    try meeting.loop.turn { !meeting.server.ends.isEmpty }
    #expect(meeting.server.ends == [.timedOut])
    _ = client.number
  }

  @Test("Once it is open, the limit for opening no longer applies", arguments: [Carrier.tcp, .tls])
  func limitIsOver(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier, handshakeLimit: .milliseconds(500))
    meeting.dial(within: .milliseconds(500))
    try meeting.loop.turn { meeting.server.openings == 1 && meeting.client.openings == 1 }
    let later = MonotonicClock.now().advanced(by: .milliseconds(510))
    meeting.loop.schedule(at: later) {}
    try meeting.loop.turn { MonotonicClock.now() >= later }
    #expect(meeting.server.ends == [] && meeting.client.ends == [])
  }

  @Test("After closing and releasing everything, nothing is left", arguments: Carrier.allCases)
  func nothingIsLeft(carrier: Carrier) throws {
    weak var network: Network?
    weak var loop: EventLoop?
    weak var first: Connection?
    weak var second: Connection?
    do {
      let meeting = try Meeting(over: carrier)
      (network, loop) = (meeting.network, meeting.loop)
      let (accepted, dialled) = try meeting.open()
      (first, second) = (accepted, dialled)
      dialled.send(pattern(100_000))
      try meeting.loop.turn { meeting.server.received.count == 100_000 }
      dialled.close()
      try meeting.loop.turn { !accepted.isAlive }
      meeting.forget()
    }
    #expect(first == nil && second == nil)
    #expect(network == nil)
    #expect(loop == nil)
  }
}
