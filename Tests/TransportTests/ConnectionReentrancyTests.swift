import Glibc
import Primitives
import Testing
import Transport

@testable import Reactor

@Suite("Owners that act within their callbacks")
struct ConnectionReentrancyTests {
  @Test("Closed at the first bytes, it is not called for the rest", arguments: Carrier.allCases)
  func closeWhileReceiving(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    meeting.server.onReceiving = { $0.close() }
    let (accepted, dialled) = try meeting.open()
    dialled.send(pattern(1 << 20))
    try meeting.loop.turn { !dialled.isAlive }
    #expect(!accepted.isAlive)
    #expect(meeting.server.counts.count == 1)
    #expect(meeting.server.ends == [])
    #expect(meeting.client.ends.count == 1)
  }

  @Test("Closed when it opens, it is not called again", arguments: Carrier.allCases)
  func closeWhileOpening(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    meeting.client.onOpening = { connection in
      connection.send([1])
      connection.close()
    }
    meeting.dial()
    try meeting.loop.turn { !meeting.server.ends.isEmpty }
    #expect(meeting.server.received == [])
    #expect((meeting.client.openings, meeting.client.ends) == (1, []))
  }

  @Test("Finished when it opens, it still delivers its bytes", arguments: Carrier.allCases)
  func finishWhileOpening(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    meeting.client.onOpening = { connection in
      connection.send(Array("goodbye".utf8))
      connection.finish()
    }
    meeting.dial()
    try meeting.loop.turn { !meeting.server.ends.isEmpty }
    #expect(meeting.server.received == Array("goodbye".utf8))
    #expect(meeting.server.ends == [.peerClosed])
  }

  @Test("Closed at progress, it writes no more", arguments: Carrier.allCases)
  func closeWhileProgressing(carrier: Carrier) throws {
    let meeting = try Meeting(over: carrier)
    let (accepted, dialled) = try meeting.open()
    meeting.client.onProgress = { $0.close() }
    dialled.send(pattern(16 << 20))
    try meeting.loop.turn { !accepted.isAlive }
    #expect(meeting.client.backlogs.count == 1)
    #expect(meeting.client.ends == [])
    #expect(meeting.server.received.count < 16 << 20)
  }

  @Test("Bytes sent at progress leave at the same turn's end")
  func sendWhileProgressing() throws {
    let meeting = try Meeting()
    let (_, dialled) = try meeting.open()
    meeting.client.onProgress = { if $0.bytesSent < 5 { $0.send([1]) } }
    dialled.send([1])
    meeting.loop.poll()
    #expect(dialled.bytesSent == 5)
    try meeting.loop.turn { meeting.server.received.count == 5 }
  }

  @Test("One connection's bytes may close another that is ready in the same turn")
  func closeAnother() throws {
    let meeting = try Meeting()
    let others = [try Meeting.Bystander(on: meeting.network), try Meeting.Bystander(on: meeting.network)]
    for (index, other) in others.enumerated() {
      other.recorder.onReceiving = { _ in others[1 - index].connection.close() }
    }
    meeting.loop.poll()
    for other in others { #expect(Socket.send(other.far.number, [1]) == .moved(1)) }
    meeting.loop.poll()
    #expect(others.map { $0.recorder.received.count }.sorted() == [0, 1])
    #expect(others.map(\.connection.isAlive).filter { $0 }.count == 1)
    for other in others { other.recorder.onReceiving = { _ in } }
  }

  @Test("The last bytes of a disconnecting peer are received, even with bytes to send to it")
  func lastWords() throws {
    let meeting = try Meeting()
    let client = try meeting.rawClient().release()
    try meeting.loop.turn { meeting.server.openings == 1 }
    let accepted = try #require(meeting.accepted)
    // The peer reads none of this, and so resets the connection when it closes.
    accepted.send(pattern(16 << 20))
    meeting.loop.poll()
    #expect(Socket.send(client, Array("going away".utf8)) == .moved(10))
    close(client)
    try meeting.loop.turn { !accepted.isAlive }
    #expect(meeting.server.received == Array("going away".utf8))
    #expect(meeting.server.ends.count == 1)
  }
}
