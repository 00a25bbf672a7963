import EdgeCore
import HTTP
import Primitives
import Testing

@Suite struct HTTP1ConnectionTests {
  private let client = ClientID(slot: 5, generation: 1)

  /// Hands a request over and tells the action that is more than waiting.
  private func receive(
    _ text: String, _ connection: inout HTTP1Connection
  ) -> ClientSession.BytesReceivedAction {
    let bytes = Array(text.utf8)
    var index = 0
    return connection.bytesReceived(bytes.span, from: &index, options: SessionOptions())
  }

  private func streaming() -> HTTP1Connection {
    var connection = HTTP1Connection()
    _ = receive(request("GET /subscribe/raw"), &connection)
    connection.subscribed(client)
    return connection
  }

  @Test("a response is written piece by piece, and what follows is known with the last one")
  func writing() {
    var connection = HTTP1Connection()
    _ = receive(request("GET /healthz"), &connection)
    connection.respond([1, 2, 3])
    #expect(connection.isWriting && !connection.isReading)
    #expect(connection.wrote(2) == nil)
    #expect(connection.nextWrite?.bytes == [1, 2, 3] && connection.nextWrite?.start == 2)
    #expect(connection.wrote(1) == .readOn)
    #expect(!connection.isWriting && connection.nextWrite == nil && connection.isIdle)
  }

  @Test("a stream's end is written, and then the connection ends")
  func endOfStream() {
    var connection = streaming()
    #expect(connection.subscriber == client)
    connection.endStream(.shed)
    #expect(connection.subscriber == nil)
    connection.respond([1])
    #expect(connection.wrote(1) == .finishWriting(.shed))
  }

  @Test("what came along with a request is kept in its order")
  func unread() {
    var connection = HTTP1Connection()
    connection.keep([3, 4])
    connection.putBack([1, 2])
    connection.keep([5])
    #expect(connection.takeUnread() == [1, 2, 3, 4, 5])
    #expect(connection.takeUnread() == [])
  }

  @Test("an answer that is put together is given once")
  func pending() {
    var connection = HTTP1Connection()
    #expect(connection.takePending() == nil)
    connection.await(PendingAnswer(.cleanup, .last))
    #expect(connection.takePending() != nil)
    #expect(connection.takePending() == nil)
  }

  @Test("the deadline that was set last counts, and a stream makes it void")
  func deadlines() {
    var connection = HTTP1Connection()
    let first = connection.deadlineSet()
    let second = connection.deadlineSet()
    #expect(!connection.isCurrent(first) && connection.isCurrent(second))
    connection.subscribed(client)
    #expect(!connection.isCurrent(second))
  }

  @Test("what a deadline means depends on what is awaited: a handshake, room to write, a request")
  func meaning() {
    var connection = HTTP1Connection()
    let options = SessionOptions()
    #expect(connection.deadlineHit(isEstablished: false, options: options) == .close(.handshakeFailed))
    #expect(connection.deadlineHit(isEstablished: true, options: options) == .close(.headTimeout))
    _ = receive(request("GET /healthz"), &connection)
    connection.respond([1])
    #expect(connection.deadlineHit(isEstablished: true, options: options) == .close(.writeTimeout))
    var stream = streaming()
    #expect(stream.deadlineHit(isEstablished: true, options: options) == .wait)
  }

  @Test("beyond the clients some are taken to be refused in words, and more that ask for the state")
  func room() {
    #expect(Entrance.plain.hasRoom(beyond: 163, clientsMaximum: 100))
    #expect(!Entrance.plain.hasRoom(beyond: 164, clientsMaximum: 100))
    #expect(!Entrance.secure.hasRoom(beyond: 164, clientsMaximum: 100))
    #expect(Entrance.status.hasRoom(beyond: 179, clientsMaximum: 100))
    #expect(!Entrance.status.hasRoom(beyond: 180, clientsMaximum: 100))
  }
}
