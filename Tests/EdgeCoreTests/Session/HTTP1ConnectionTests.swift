import EdgeCore
import HTTP
import Primitives
import Testing

@Suite struct HTTP1ConnectionTests {
  private let client = ClientID(slot: 5, generation: 1)

  /// Passes a request, and returns the first action other than waiting.
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

  @Test("A response is written piece by piece, and the next action is known with the last one")
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

  @Test("A stream's end is written, and then the connection ends")
  func endOfStream() {
    var connection = streaming()
    #expect(connection.subscriber == client)
    connection.endStream(.shed)
    #expect(connection.subscriber == nil)
    connection.respond([1])
    #expect(connection.wrote(1) == .finishWriting(.shed))
  }

  @Test("Bytes behind a request are kept in their order")
  func unread() {
    var connection = HTTP1Connection()
    connection.keep([3, 4])
    connection.putBack([1, 2])
    connection.keep([5])
    #expect(connection.takeUnread() == [1, 2, 3, 4, 5])
    #expect(connection.takeUnread() == [])
  }

  @Test("The deadline that was set last counts, and a stream makes it void")
  func deadlines() {
    var connection = HTTP1Connection()
    let first = connection.deadlineSet()
    let second = connection.deadlineSet()
    #expect(!connection.isCurrent(first) && connection.isCurrent(second))
    connection.subscribed(client)
    #expect(!connection.isCurrent(second))
  }

  @Test("The meaning of a deadline depends on the phase: a handshake, writing, a request")
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

  @Test("Beyond the limit some connections get a refusal, and more for the edge's state")
  func room() {
    #expect(Entrance.plain.hasRoom(beyond: 113, connectionsMaximum: 50, workers: 1))
    #expect(!Entrance.plain.hasRoom(beyond: 114, connectionsMaximum: 50, workers: 1))
    #expect(!Entrance.secure.hasRoom(beyond: 114, connectionsMaximum: 50, workers: 1))
    #expect(Entrance.status.hasRoom(beyond: 129, connectionsMaximum: 50, workers: 1))
    #expect(!Entrance.status.hasRoom(beyond: 130, connectionsMaximum: 50, workers: 1))
    #expect(Entrance.plain.hasRoom(beyond: 177, connectionsMaximum: 50, workers: 2))
    #expect(!Entrance.plain.hasRoom(beyond: 178, connectionsMaximum: 50, workers: 2))
  }
}
