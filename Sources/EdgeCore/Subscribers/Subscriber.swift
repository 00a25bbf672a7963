public import HTTP
public import Primitives

/// A subscriber of a worker. It outlives no connection, and a connection may have several, one after the other or, where its
/// protocol has streams of its own, at once.
public typealias ClientID = SlotID<Subscriber>

/// One stream to one client, from the moment at which it has a place until it leaves.
///
/// ```
///  requested ──► awaiting ──► streaming ──► gone
///      │            │   └──► admitted ──┘
///      │            └──────► turned away: no room for what it would begin with
///      ├──► streaming        one that begins with nothing but what happens from now on
///      └──► turned away      no place, or the worker drains
/// ```
/// It can be released, or lose its connection, wherever it is.
public struct Subscriber: Sendable {
  /// What it still awaits.
  enum State: Equatable, Sendable {
    /// The link finds out with what its stream begins. It has had nothing of its response yet, which begins so.
    case awaiting(head: [UInt8])
    /// The same, but it has the head of its response.
    case admitted
    /// Nothing: it gets what its stream brings.
    case streaming
  }

  /// Over which connection it is reached.
  public let connection: ConnectionID
  /// What it listens to.
  public let stream: StreamKind
  /// How the body of its response is framed.
  public let framing: BodyFraming
  /// Under which address it is counted; nil if nobody can tell.
  public let address: NetworkAddress?
  let key: ClientKey?
  let options: StreamOptions
  let createdAt: Int64
  let userAgent: String
  var state = State.streaming

  /// What the edge tells of it on request.
  var status: ConnectionStatus {
    ConnectionStatus(
      stream: stream, options: options, createdAt: createdAt, clientAddress: address?.description ?? "",
      userAgent: userAgent)
  }

  /// What a free slot holds.
  static let vacant = Subscriber(
    connection: ConnectionID(slot: -1, generation: 0), stream: .probe, framing: .untilClose, address: nil,
    key: nil, options: .none, createdAt: 0, userAgent: "")
}

/// What a client asks for, and who it is.
public struct SubscriptionRequest: Sendable {
  /// What it asks for.
  public let subscription: Subscription
  /// The words in which it does.
  public let head: RequestHead
  /// Over which connection.
  public let connection: ConnectionID
  /// Who it is (``ForwardedFor``); nil if nobody can tell.
  public let address: NetworkAddress?
  /// When, in seconds since 1970; nil leaves it out of the response.
  public let unixSeconds: Int64?

  /// A request.
  public init(
    _ subscription: Subscription, _ head: RequestHead, over connection: ConnectionID,
    from address: NetworkAddress?, unixSeconds: Int64?
  ) {
    self.subscription = subscription
    self.head = head
    self.connection = connection
    self.address = address
    self.unixSeconds = unixSeconds
  }
}
