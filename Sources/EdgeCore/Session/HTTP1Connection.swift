public import HTTP
public import Primitives

/// A connection of a worker.
public typealias ConnectionID = SlotID<HTTP1Connection>

/// By which kind of listener a connection came, and so how it is answered.
public enum Entrance: Sendable {
  /// In the clear.
  case plain
  /// Within TLS.
  case secure
  /// For the edge's state alone.
  case status

  /// Beyond the clients, so many connections are still taken to be turned away in words.
  public static let refusalReserve = 64
  /// Beyond those, so many are taken that ask for the edge's state.
  public static let statusReserve = 16

  /// Whether a worker takes one more connection. Beyond that not even a refusal can be said to so many: closing is all that is
  /// left.
  ///
  /// - Parameters:
  ///   - count: how many the worker has.
  ///   - clientsMaximum: the most clients of the edge.
  public func hasRoom(beyond count: Int, clientsMaximum: Int) -> Bool {
    let reserve = Self.refusalReserve + (self == .status ? Self.statusReserve : 0)
    return count < clientsMaximum + reserve
  }
}

/// An answer that is being put together from all workers.
public struct PendingAnswer: Sendable {
  /// What it says.
  public enum Content: Sendable {
    /// A page.
    case page(Page)
    /// How many streams were closed.
    case cleanup
  }

  /// What it says.
  public let content: Content
  /// In which form.
  public let form: ResponseForm

  /// An answer.
  public init(_ content: Content, _ form: ResponseForm) {
    self.content = content
    self.form = form
  }
}

/// A connection that speaks HTTP/1: its exchanges (``ClientSession``), the response that is under way, and none or one subscriber.
///
/// It is a pure machine: the driver owns the socket and what is around its bytes.
public struct HTTP1Connection: Sendable {
  /// By which kind of listener it came.
  public let entrance: Entrance
  /// Who is at the other end, or who a PROXY header says it is; nil on a unix socket.
  public var address: NetworkAddress?
  /// The stream that it has; nil for none.
  public private(set) var subscriber: ClientID?
  private var session = ClientSession()
  /// A response that the socket has not taken whole yet.
  private var response: [UInt8] = []
  private var responseSent = 0
  /// What came behind a request whose answer is still being written; at most one read.
  private var unread: [UInt8] = []
  private var pending: PendingAnswer?
  private var deadlineNumber: UInt32 = 0

  /// A connection that has just been accepted.
  public init(entrance: Entrance = .plain, from address: NetworkAddress? = nil) {
    self.entrance = entrance
    self.address = address
  }

  /// False while a response is being made or written.
  public var isReading: Bool { session.isReading }

  /// Whether it has been answered and asks for nothing more at present: it can be closed without being cut off.
  public var isIdle: Bool { session.isIdle }

  /// Whether its socket has not taken all of a response.
  public var isWriting: Bool { !response.isEmpty }

  // MARK: Reading

  /// Bytes came in; see ``ClientSession/bytesReceived(_:from:options:)``.
  public mutating func bytesReceived(
    _ bytes: Span<UInt8>, from index: inout Int, options: SessionOptions
  ) -> ClientSession.BytesReceivedAction {
    session.bytesReceived(bytes, from: &index, options: options)
  }

  /// Keeps what came along with a request whose answer is still being written.
  public mutating func keep(_ bytes: ArraySlice<UInt8>) { unread.append(contentsOf: bytes) }

  /// Keeps what was taken out by ``takeUnread()``, in front of what came since.
  public mutating func putBack(_ bytes: ArraySlice<UInt8>) { unread.insert(contentsOf: bytes, at: 0) }

  /// Takes out what was kept.
  public mutating func takeUnread() -> [UInt8] {
    defer { unread = [] }
    return unread
  }

  /// The client will send nothing more.
  public mutating func peerClosedItsSide() -> ClientSession.EndingAction { session.peerClosedItsSide() }

  // MARK: Answers

  /// Its answer is being put together.
  public mutating func await(_ answer: PendingAnswer) { pending = answer }

  /// Takes out what is awaited; nil if nothing is.
  public mutating func takePending() -> PendingAnswer? {
    defer { pending = nil }
    return pending
  }

  /// Begins to write a response, or the end of one.
  public mutating func respond(_ bytes: [UInt8]) {
    precondition(!bytes.isEmpty, "a response without a byte")
    response = bytes
    responseSent = 0
  }

  /// What to write next, and from which index on; nil if there is nothing.
  public var nextWrite: (bytes: [UInt8], start: Int)? { isWriting ? (response, responseSent) : nil }

  /// So many bytes of ``nextWrite`` were taken.
  ///
  /// - Returns: what to do if that was all; nil if there is more.
  public mutating func wrote(_ count: Int) -> ClientSession.ResponseWrittenAction? {
    responseSent += count
    guard responseSent == response.count else { return nil }
    response = []
    return session.responseWritten()
  }

  // MARK: The subscriber

  /// The stream that was asked for has begun, or its client waits for it.
  public mutating func subscribed(_ client: ClientID) {
    subscriber = client
    // The time for a head is over.
    deadlineNumber &+= 1
  }

  /// Its stream is at its end, or was refused, and what is told last follows (``respond(_:)``).
  public mutating func endStream(_ reason: CloseReason) {
    subscriber = nil
    session.end(reason)
  }

  // MARK: Deadlines

  /// A new deadline: those before are void.
  ///
  /// - Returns: its number.
  public mutating func deadlineSet() -> UInt32 {
    deadlineNumber &+= 1
    return deadlineNumber
  }

  /// Whether that is the deadline that was set last, and nothing has made it void.
  public func isCurrent(_ number: UInt32) -> Bool { deadlineNumber == number }

  /// A deadline passed.
  ///
  /// - Parameter isEstablished: whether its bytes can be read, and no handshake is awaited.
  public mutating func deadlineHit(
    isEstablished: Bool, options: SessionOptions
  ) -> ClientSession.EndingAction {
    if !isEstablished { return .close(.handshakeFailed) }
    if isWriting { return .close(.writeTimeout) }
    return session.deadlineHit(options: options)
  }
}
