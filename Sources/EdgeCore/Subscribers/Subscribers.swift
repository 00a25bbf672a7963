import HTTP
import PlantedFaults
import Primitives

/// The operator's choices for subscribers.
package struct SubscriberTerms: Sendable {
  /// How clients without room are rejected.
  package let refusal: Refusal
  /// The delay after which released clients reconnect, at most.
  package let retry: RetryDelay
  /// The age at which a stream ends, so that its client reconnects; nil for no limit.
  package let refreshAfter: Duration?

  /// The operator's choices.
  package init(retry: RetryDelay, refreshAfter: Duration? = nil) {
    refusal = Refusal(retry: retry)
    self.retry = retry
    self.refreshAfter = refreshAfter
  }
}

/// Counts of what happened to subscribers.
package struct SubscriberCounters: Equatable, Sendable {
  /// Clients that were rejected.
  package internal(set) var refused: UInt64 = 0
  /// Clients that were released, with a time to reconnect.
  package internal(set) var released: UInt64 = 0
  /// The part of them that was released by the last drain or shed.
  package internal(set) var releasedOfLate: UInt64 = 0
}

/// The subscribers of a worker, and all decisions about them: which clients get a stream, how it begins, and which
/// are released when.
///
/// It is a pure machine: the driver reports what happened and performs the action that it returns. The driver keeps
/// sockets, deliveries and the edge's register of places.
package struct Subscribers: Sendable {
  let worker: Int
  var terms: SubscriberTerms
  var table = SlotMap<Subscriber, Subscriber>(vacant: .vacant)
  var phase = Phase.serving
  var ongoing: OngoingRelease?
  var refreshes: RefreshSchedule
  /// The counts since the start.
  package internal(set) var counters = SubscriberCounters()

  /// A worker without subscribers.
  ///
  /// - Parameter worker: the worker's index.
  package init(worker: Int, terms: SubscriberTerms, now: Instant) {
    self.worker = worker
    self.terms = terms
    refreshes = RefreshSchedule(now: now)
  }

  /// The number of subscribers.
  package var count: Int { table.count }

  /// The ids of all subscribers.
  package var ids: [ClientID] { table.ids }

  /// The subscriber with this id; nil if it is gone.
  package subscript(client: ClientID) -> Subscriber? { table[client] }

  /// The id of the subscriber in a slot; nil if the slot is free. Deliveries know subscribers by their slots.
  package func id(at slot: Int32) -> ClientID? { table.id(at: slot) }

  /// The subscribers' entries in the edge's status.
  package var statuses: [ConnectionStatus] { table.ids.map { table[$0.slot].status } }

  /// The operator's choices have changed.
  package mutating func configure(
    _ terms: SubscriberTerms, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let isRefreshChanged = self.terms.refreshAfter != terms.refreshAfter
    self.terms = terms
    guard isRefreshChanged else { return }
    refreshes.removeAll()
    for client in table.ids { scheduleRefresh(client, now: now, using: &random) }
  }

  // MARK: Joining

  /// What the driver does about a client that asks for a stream.
  package enum RequestedAction: Sendable {
    /// Write this as the last answer of the connection. The client has no place.
    case reject(Response)
    /// Add the client to its stream with these first bytes.
    case join(ClientID, opening: [UInt8])
    /// Ask the link for the beginning of the stream.
    case await(OpeningClient)
  }

  /// A client asks for a stream.
  ///
  /// - Parameters:
  ///   - opening: writes the beginning of the response.
  ///   - takePlace: takes a place of the edge for a client with this address; not called while the worker drains.
  package mutating func requested(
    _ request: SubscriptionRequest, opening: StreamResponseHead, now: Instant,
    using random: inout some RandomNumberGenerator, takePlace: (NetworkAddress?) -> Bool
  ) -> RequestedAction {
    let head = request.head
    guard !isDraining || planted(.drainAdmitsClients), takePlace(request.address) else {
      counters.refused += 1
      return .reject(
        terms.refusal.response(acceptsEventStream: head.acceptsEventStream, using: &random))
    }
    let client = table.insert(
      Subscriber(
        exchange: request.exchange, stream: request.subscription.stream,
        framing: opening.framing(for: head.version), address: request.address, key: head.target.clientKey,
        options: request.subscription.options, createdAt: request.unixSeconds ?? 0,
        userAgent: ConnectionStatus.kept(of: head.value(of: "user-agent"))))
    scheduleRefresh(client, now: now, using: &random)
    var bytes: [UInt8] = []
    opening.append(
      for: head.version, date: request.unixSeconds.map { HTTPDate(unixSeconds: $0) }, using: &random,
      to: &bytes)
    guard request.subscription.needsOpening else { return .join(client, opening: bytes) }
    // The client has its place, and may leave it. It streams once the link knows the stream's beginning.
    table[client.slot].state = .awaiting(head: bytes)
    return .await(openingClient(client))
  }

  /// The client's id for the link.
  private func openingClient(_ client: ClientID) -> OpeningClient {
    OpeningClient(worker: worker, client, framing: table[client.slot].framing)
  }

  /// What the driver does once the link knows a stream's beginning.
  package enum OpenedAction: Sendable {
    /// Nothing: the client no longer waits.
    case none
    /// Take the client from the waiting ones, and add it to its stream with the rest of the head, these bytes, and
    /// the answer.
    case join(ClientID, head: [UInt8])
    /// Release the client: it has the head of its response, but there is no room for the answer.
    case release(Departure)
    /// Write this as the last answer of the connection: there is no room for the answer, and nothing was written yet.
    case reject(Departure, Response)
  }

  /// The link knows a stream's first bytes. They are valid after everything that the delivery was given so far.
  ///
  /// - Parameter hasAnswer: false if there is no room for them now.
  package mutating func opened(
    _ opened: OpeningClient, hasAnswer: Bool, using random: inout some RandomNumberGenerator
  ) -> OpenedAction {
    let client = opened.id
    guard let subscriber = table[client] else { return .none }
    let head: [UInt8]?
    switch subscriber.state {
    case .awaiting(let bytes): head = bytes
    case .admitted: head = nil
    case .streaming: return .none
    }
    table[client.slot].state = .streaming
    if hasAnswer { return .join(client, head: head ?? []) }
    guard head == nil else { return reject(client, using: &random) }
    return release(client, retry: terms.retry, using: &random).map { .release($0) } ?? .none
  }

  /// Gives a promised place back and rejects the client. A client that asks for more than a plain stream is a
  /// browser, or reads its answers like one.
  private mutating func reject(
    _ client: ClientID, using random: inout some RandomNumberGenerator
  ) -> OpenedAction {
    guard let departure = ended(client) else { return .none }
    counters.refused += 1
    return .reject(departure, terms.refusal.response(acceptsEventStream: true, using: &random))
  }

  /// The link needs longer for a stream's beginning: the client gets the head alone, and waits on.
  ///
  /// - Returns: the head to write; nil if the client no longer waits, or has the head.
  package mutating func admitted(_ admitted: OpeningClient) -> [UInt8]? {
    guard case .awaiting(let head) = table[admitted.id]?.state else { return nil }
    table[admitted.id.slot].state = .admitted
    return head
  }

  // MARK: Leaving

  /// The subscriber's connection is gone, or closes. Returns nil if the subscriber was gone already.
  package mutating func ended(_ client: ClientID) -> Departure? {
    guard let subscriber = table[client] else { return nil }
    let withdrawn = subscriber.state == .streaming ? nil : openingClient(client)
    table.remove(client)
    return Departure(client, subscriber, withdrawn: withdrawn)
  }

  /// Releases a subscriber: the client gets a time to reconnect, and its stream ends at the end of an event. Returns
  /// nil if it is gone. The connection ends with the last byte, unless it has other streams.
  package mutating func release(
    _ client: ClientID, using random: inout some RandomNumberGenerator
  ) -> Departure? {
    release(client, retry: terms.retry, using: &random)
  }

  mutating func release(
    _ client: ClientID, retry: RetryDelay, using random: inout some RandomNumberGenerator
  ) -> Departure? {
    guard let departure = ended(client) else { return nil }
    counters.released += 1
    // A waiting subscriber has not received the head, unless the link took long.
    var words: [UInt8] = []
    if case .awaiting(let head) = departure.subscriber.state { words = head }
    var line: [UInt8] = []
    EventStream.append(retryMilliseconds: retry.next(using: &random), to: &line)
    departure.subscriber.framing.append(line, to: &words)
    departure.subscriber.framing.appendEnd(to: &words)
    return Departure(client, departure.subscriber, withdrawn: departure.withdrawn, words: words)
  }
}
