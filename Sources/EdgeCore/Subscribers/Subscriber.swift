import HTTP
import Primitives

/// The id of a subscriber of a worker. A subscriber never outlives its connection. A connection may have several
/// subscribers: one after the other or, if its protocol has streams of its own, at once.
package typealias ClientID = SlotID<Subscriber>

/// One stream to one client, from the moment at which it gets a place until it leaves.
///
/// ```
///  requested ──► awaiting ──► streaming ──► gone
///      │            │   └──► admitted ──┘
///      │            └──────► rejected: no room for its beginning
///      ├──► streaming        one that has no beginning of its own
///      └──► rejected         no place, or the worker drains
/// ```
/// A subscriber can be released, or lose its connection, in any state.
package struct Subscriber: Sendable {
  /// What the subscriber waits for.
  enum State: Equatable, Sendable {
    /// The link prepares the stream's beginning. The client has received nothing yet; its response begins with this
    /// head.
    case awaiting(head: [UInt8])
    /// The link prepares the stream's beginning, and the client has received the head.
    case admitted
    /// Nothing: the subscriber gets the stream's events.
    case streaming
  }

  /// The request that the subscriber's stream answers.
  package let exchange: ExchangeID
  /// The subscriber's stream.
  package let stream: StreamKind
  /// The framing of the response's body.
  package let framing: BodyFraming
  /// The address under which the client is counted; nil if it is unknown.
  package let address: NetworkAddress?
  let key: ClientKey?
  let options: StreamOptions
  let createdAt: Int64
  let userAgent: String
  var state = State.streaming

  /// The subscriber's connection.
  package var connection: ConnectionID { exchange.connection }

  /// The subscriber's entry in the edge's status.
  var status: ConnectionStatus {
    ConnectionStatus(
      stream: stream, options: options, createdAt: createdAt, clientAddress: address?.description ?? "",
      userAgent: userAgent)
  }

  /// The content of a free slot.
  static let vacant = Subscriber(
    exchange: ExchangeID(ConnectionID(slot: -1, generation: 0)), stream: .probe, framing: .untilClose,
    address: nil,
    key: nil, options: .none, createdAt: 0, userAgent: "")
}

/// A client's request for a stream.
package struct SubscriptionRequest: Sendable {
  /// The requested subscription.
  package let subscription: Subscription
  /// The request's head.
  package let head: RequestHead
  /// The client's request.
  package let exchange: ExchangeID
  /// The client's address (``ForwardedFor``); nil if it is unknown.
  package let address: NetworkAddress?
  /// The time in seconds since 1970; nil omits it from the response.
  package let unixSeconds: Int64?

  /// A request.
  package init(
    _ subscription: Subscription, _ head: RequestHead, over exchange: ExchangeID,
    from address: NetworkAddress?, unixSeconds: Int64?
  ) {
    self.subscription = subscription
    self.head = head
    self.exchange = exchange
    self.address = address
    self.unixSeconds = unixSeconds
  }
}
