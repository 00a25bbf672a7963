import HTTP
import Primitives

/// A connection of a worker.
package typealias ConnectionID = SlotID<HTTP1Connection>

/// The kind of listener that accepted a connection, which decides how it is answered.
package enum Entrance: Sendable {
  /// A plain listener for clients.
  case plain
  /// A TLS listener for clients.
  case secure
  /// A listener for the edge's state only.
  case status

  /// How many connections beyond the limit each worker adds, so that they get a proper refusal.
  package static let refusalReserve = 64
  /// How many more connections each adds on listeners for the edge's state.
  package static let statusReserve = 16

  /// Whether the edge accepts one more connection. Beyond this it closes connections at once, because even refusals
  /// would cost too much.
  ///
  /// - Parameters:
  ///   - count: the number of connections.
  ///   - connectionsMaximum: the most connections of the edge.
  ///   - workers: the number of workers.
  package func hasRoom(beyond count: Int, connectionsMaximum: Int, workers: Int) -> Bool {
    let reserve = Self.refusalReserve + (self == .status ? Self.statusReserve : 0)
    return count < connectionsMaximum + reserve * workers
  }
}

/// An answer that waits for the parts of all workers.
package struct PendingAnswer: Sendable {
  /// What the answer holds.
  package enum Content: Sendable {
    /// A page.
    case page(Page)
    /// The number of streams that were closed.
    case cleanup
  }

  /// What the answer holds.
  package let content: Content
  /// The form of the response.
  package let form: ResponseForm

  /// An answer to be completed.
  package init(_ content: Content, _ form: ResponseForm) {
    self.content = content
    self.form = form
  }
}

/// An HTTP/1 connection: its exchanges (``ClientSession``), the response in progress, and at most one subscriber.
///
/// It is a pure machine: the driver owns the socket and its TLS session.
package struct HTTP1Connection: Sendable {
  /// The kind of listener that accepted the connection.
  package let entrance: Entrance
  /// The address of the peer, or the one that a PROXY header gives; nil on a unix socket.
  package var address: NetworkAddress?
  /// The connection's stream; nil for none.
  package private(set) var subscriber: ClientID?
  private var session = ClientSession()
  /// A response that the socket has not taken completely.
  private var response: [UInt8] = []
  private var responseSent = 0
  /// Bytes after a request whose answer is still being written; at most one read.
  private var unread: [UInt8] = []
  private var deadlineNumber: UInt32 = 0

  /// A connection that has just been accepted.
  package init(entrance: Entrance = .plain, from address: NetworkAddress? = nil) {
    self.entrance = entrance
    self.address = address
  }

  /// False while a response is being rendered or written.
  package var isReading: Bool { session.isReading }

  /// Whether the client has been answered and has not begun a further request: closing the connection loses nothing.
  package var isIdle: Bool { session.isIdle }

  /// Whether the socket has not taken a whole response yet.
  package var isWriting: Bool { !response.isEmpty }

  // MARK: Reading

  /// Bytes have arrived; see ``ClientSession/bytesReceived(_:from:options:)``.
  package mutating func bytesReceived(
    _ bytes: Span<UInt8>, from index: inout Int, options: SessionOptions
  ) -> ClientSession.BytesReceivedAction {
    session.bytesReceived(bytes, from: &index, options: options)
  }

  /// Keeps bytes that arrived after a request whose answer is still being written.
  package mutating func keep(_ bytes: ArraySlice<UInt8>) { unread.append(contentsOf: bytes) }

  /// Puts bytes from ``takeUnread()`` back, in front of those that arrived since.
  package mutating func putBack(_ bytes: ArraySlice<UInt8>) { unread.insert(contentsOf: bytes, at: 0) }

  /// Takes out the kept bytes.
  package mutating func takeUnread() -> [UInt8] {
    defer { unread = [] }
    return unread
  }

  /// The client will send nothing more.
  package mutating func peerClosedItsSide() -> ClientSession.EndingAction { session.peerClosedItsSide() }

  // MARK: Answers

  /// Begins to write a response, or the last bytes of a stream.
  package mutating func respond(_ bytes: [UInt8]) {
    precondition(!bytes.isEmpty, "a response without a byte")
    response = bytes
    responseSent = 0
  }

  /// The bytes to write next, and the index of the first one to write; nil if there are none.
  package var nextWrite: (bytes: [UInt8], start: Int)? { isWriting ? (response, responseSent) : nil }

  /// The socket took a number of bytes of ``nextWrite``.
  ///
  /// - Returns: the next action once everything was taken; nil if bytes are left.
  package mutating func wrote(_ count: Int) -> ClientSession.ResponseWrittenAction? {
    responseSent += count
    guard responseSent == response.count else { return nil }
    response = []
    return session.responseWritten()
  }

  // MARK: The subscriber

  /// The requested stream has begun, or the client waits for it.
  package mutating func subscribed(_ client: ClientID) {
    subscriber = client
    // The time limit for a head is over.
    deadlineNumber &+= 1
  }

  /// The stream has ended, or was refused. Its last bytes follow (``respond(_:)``).
  package mutating func endStream(_ reason: CloseReason) {
    subscriber = nil
    session.end(reason)
  }

  // MARK: Deadlines

  /// Sets a new deadline and makes the earlier ones void.
  ///
  /// - Returns: the number of the deadline.
  package mutating func deadlineSet() -> UInt32 {
    deadlineNumber &+= 1
    return deadlineNumber
  }

  /// Whether the deadline with this number is the last one, and nothing has made it void.
  package func isCurrent(_ number: UInt32) -> Bool { deadlineNumber == number }

  /// A deadline has passed.
  ///
  /// - Parameter isEstablished: whether the connection's bytes can be read; false during a handshake.
  package mutating func deadlineHit(
    isEstablished: Bool, options: SessionOptions
  ) -> ClientSession.EndingAction {
    if !isEstablished { return .close(.handshakeFailed) }
    if isWriting { return .close(.writeTimeout) }
    return session.deadlineHit(options: options)
  }
}
