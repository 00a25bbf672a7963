public import HTTP
public import Primitives

/// What of the subscribers' treatment the operator chooses.
public struct SubscriberTerms: Sendable {
  /// How those are turned away for whom there is no room.
  public let refusal: Refusal
  /// When those that are released are asked to return, at the latest.
  public let retry: RetryDelay
  /// At what age a stream ends, so that its client connects anew; nil for never.
  public let refreshAfter: Duration?

  /// Terms.
  public init(retry: RetryDelay, refreshAfter: Duration? = nil) {
    refusal = Refusal(retry: retry)
    self.retry = retry
    self.refreshAfter = refreshAfter
  }
}

/// What was done with subscribers.
public struct SubscriberCounters: Equatable, Sendable {
  /// Those that were turned away.
  public internal(set) var refused: UInt64 = 0
  /// Those that were let go, and told when to come back.
  public internal(set) var released: UInt64 = 0
  /// Of those, the ones that went because of the drain or shed that was told last.
  public internal(set) var releasedOfLate: UInt64 = 0
}

/// The subscribers of a worker, and all that the worker decides about them: who gets a stream, how it begins, and who is let go
/// and when.
///
/// It is a pure machine: the driver tells what happened and performs what comes back. It keeps sockets, deliveries and the edge's
/// register of places; here is who is in them.
public struct Subscribers: Sendable {
  let worker: Int
  var terms: SubscriberTerms
  var table = SlotMap<Subscriber, Subscriber>(vacant: .vacant)
  var phase = Phase.serving
  var ongoing: OngoingRelease?
  var refreshes: RefreshSchedule
  /// What was done so far.
  public internal(set) var counters = SubscriberCounters()

  /// A worker without subscribers.
  ///
  /// - Parameter worker: its place among the edge's workers.
  public init(worker: Int, terms: SubscriberTerms, now: Instant) {
    self.worker = worker
    self.terms = terms
    refreshes = RefreshSchedule(now: now)
  }

  /// How many there are.
  public var count: Int { table.count }

  /// All of them.
  public var ids: [ClientID] { table.ids }

  /// The one with that name; nil if it is gone.
  public subscript(client: ClientID) -> Subscriber? { table[client] }

  /// The one in a slot; nil if the slot is free. Deliveries know subscribers by their slots.
  public func id(at slot: Int32) -> ClientID? { table.id(at: slot) }

  /// What the edge tells of them on request.
  public var statuses: [ConnectionStatus] { table.ids.map { table[$0.slot].status } }

  /// The operator changed something.
  public mutating func configure(
    _ terms: SubscriberTerms, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let isRefreshChanged = self.terms.refreshAfter != terms.refreshAfter
    self.terms = terms
    guard isRefreshChanged else { return }
    refreshes.removeAll()
    for client in table.ids { scheduleRefresh(client, now: now, using: &random) }
  }

  // MARK: Coming

  /// What to do with a client that asks for a stream.
  public enum RequestedAction: Sendable {
    /// Write this as the last answer of its connection. Nothing was taken.
    case turnAway(Response)
    /// Let it into its stream with these first bytes.
    case join(ClientID, opening: [UInt8])
    /// Ask the link with what its stream begins.
    case await(OpeningClient)
  }

  /// A client asks for a stream.
  ///
  /// - Parameters:
  ///   - opening: how a response to it begins.
  ///   - takePlace: asks the edge for a place for a client of that address; nobody is asked while the worker drains.
  public mutating func requested(
    _ request: SubscriptionRequest, opening: StreamOpening, now: Instant,
    using random: inout some RandomNumberGenerator, takePlace: (NetworkAddress?) -> Bool
  ) -> RequestedAction {
    let head = request.head
    guard !isDraining, takePlace(request.address) else {
      counters.refused += 1
      return .turnAway(
        terms.refusal.response(acceptsEventStream: head.acceptsEventStream, using: &random))
    }
    let client = table.insert(
      Subscriber(
        connection: request.connection, stream: request.subscription.stream,
        framing: opening.framing(for: head.version), address: request.address, key: head.target.clientKey,
        options: request.subscription.options, createdAt: request.unixSeconds ?? 0,
        userAgent: ConnectionStatus.kept(of: head.value(of: "user-agent"))))
    scheduleRefresh(client, now: now, using: &random)
    var bytes: [UInt8] = []
    opening.append(
      for: head.version, date: request.unixSeconds.map { HTTPDate(unixSeconds: $0) }, using: &random,
      to: &bytes)
    guard request.subscription.needsOpening else { return .join(client, opening: bytes) }
    // It has its place, and may leave it; it streams when the link has found out with what.
    table[client.slot].state = .awaiting(head: bytes)
    return .await(openingClient(client))
  }

  /// What the link knows it by.
  private func openingClient(_ client: ClientID) -> OpeningClient {
    OpeningClient(worker: worker, client, framing: table[client.slot].framing)
  }

  /// What to do when the link has found out with what a stream begins.
  public enum OpenedAction: Sendable {
    /// Nothing: it does not wait any more.
    case none
    /// Take it out of where it waits; let it into its stream with the rest of what it was cut in, these bytes, and the answer.
    case join(ClientID, head: [UInt8])
    /// It has the head of its response, and there is no room for the answer: let it go.
    case release(Departure)
    /// The same, but nothing was written yet: write this as the last answer of its connection.
    case turnAway(Departure, Response)
  }

  /// The first bytes of a stream are known, and true behind what its delivery was given so far.
  ///
  /// - Parameter hasAnswer: false if there is no room for them now.
  public mutating func opened(
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
    guard head == nil else { return turnAway(client, using: &random) }
    return release(client, retry: terms.retry, using: &random).map { .release($0) } ?? .none
  }

  /// Gives a place back that was promised, as if there had been none. Who asks for a place in history is a browser, or
  /// reads as one.
  private mutating func turnAway(
    _ client: ClientID, using random: inout some RandomNumberGenerator
  ) -> OpenedAction {
    guard let departure = ended(client) else { return .none }
    counters.refused += 1
    return .turnAway(departure, terms.refusal.response(acceptsEventStream: true, using: &random))
  }

  /// With what a stream begins is not known for long: its client gets the head alone, and waits on.
  ///
  /// - Returns: the head, to be written; nil if it does not wait any more, or has it.
  public mutating func admitted(_ admitted: OpeningClient) -> [UInt8]? {
    guard case .awaiting(let head) = table[admitted.id]?.state else { return nil }
    table[admitted.id.slot].state = .admitted
    return head
  }

  // MARK: Going

  /// Its connection is gone, or closes; nil if it was gone already.
  public mutating func ended(_ client: ClientID) -> Departure? {
    guard let subscriber = table[client] else { return nil }
    let withdrawn = subscriber.state == .streaming ? nil : openingClient(client)
    table.remove(client)
    return Departure(client, subscriber, withdrawn: withdrawn)
  }

  /// Lets one go, which is told when to come back, and whose stream ends at the border of an event; nil if it is gone. With the
  /// last byte its connection ends, where that has no other streams.
  public mutating func release(
    _ client: ClientID, using random: inout some RandomNumberGenerator
  ) -> Departure? {
    release(client, retry: terms.retry, using: &random)
  }

  mutating func release(
    _ client: ClientID, retry: RetryDelay, using random: inout some RandomNumberGenerator
  ) -> Departure? {
    guard let departure = ended(client) else { return nil }
    counters.released += 1
    // One that waits has not even got the head, unless that took long.
    var words: [UInt8] = []
    if case .awaiting(let head) = departure.subscriber.state { words = head }
    var line: [UInt8] = []
    EventStream.append(retryMilliseconds: retry.next(using: &random), to: &line)
    departure.subscriber.framing.append(line, to: &words)
    departure.subscriber.framing.appendEnd(to: &words)
    return Departure(client, departure.subscriber, withdrawn: departure.withdrawn, words: words)
  }
}
