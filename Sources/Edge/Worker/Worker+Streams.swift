import EdgeCore
import HTTP
import Primitives
import Reactor
import Service

// How a client joins a stream, and leaves it. `Subscribers` decides, and the worker performs it.
extension Worker {
  func startStream(_ subscription: Subscription, _ head: RequestHead, for id: ExchangeID) {
    let request = SubscriptionRequest(
      subscription, head, over: id, from: address(of: id.connection, head),
      unixSeconds: MonotonicClock.wallSeconds())
    let action = subscribers.requested(
      request, opening: manner(of: id.connection).opening, now: loop.now, using: &random,
      takePlace: takePlace)
    switch action {
    case .reject(let response): reject(id, response)
    case .join(let client, let opening):
      begin(subscription.stream, for: client, over: id)
      join(client, opening: opening)
    case .await(let client):
      begin(subscription.stream, for: client.id, over: id)
      mailboxes.link.post(.requested(client, subscription))
    }
  }

  /// Takes a place for a client with this address. Returns false if there is none, or too little memory.
  private func takePlace(_ address: NetworkAddress?) -> Bool {
    health.memory?.isShort != true && configuration.register.join(address)
  }

  private func begin(_ kind: StreamKind, for client: ClientID, over id: ExchangeID) {
    let slot = id.connection.slot
    // Before the first byte of the first stream.
    let isHandedOver = connections[slot].handOver(to: deliveries.ciphers)
    if isHandedOver {
      totals.sessionsHandedOver += 1
      configuration.register.sessionHandedOver()
    }
    if let connection = connections[slot].http2 {
      connection.streams[id.stream]?.subscriber = client
      if isHandedOver { connection.goOn(over: connections[slot].channel) }
    } else {
      connections[slot].http.subscribed(client)
    }
    if kind.concernsLink { mailboxes.link.post(.joined(kind)) }
  }

  /// The first bytes of streams are known. They are valid after everything that was appended so far.
  ///
  /// - Parameter answer: nil if there is no room for them now.
  func opened(_ clients: [OpeningClient], with answer: SharedBytes?) {
    for client in clients {
      switch subscribers.opened(client, hasAnswer: answer != nil, using: &random) {
      case .none: break
      case .join(let client, let head):
        guard let subscriber = subscribers[client] else { break }
        let cut = delivery(of: subscriber).release(client.slot, subscriber.stream, subscriber.framing)
        join(client, opening: cut + head, followedBy: answer)
      case .release(let departure): sendLastBytes(departure, .overLimit)
      case .reject(let departure, let response):
        _ = leave(departure)
        reject(departure.subscriber.exchange, response)
      }
    }
  }

  /// The link needs longer for the first bytes of streams: the clients get the heads alone, and wait on.
  func admitted(_ clients: [OpeningClient]) {
    for client in clients {
      guard let head = subscribers.admitted(client), let subscriber = subscribers[client.id] else { continue }
      beginAnswer(of: subscriber)
      if !delivery(of: subscriber).admit(client.id.slot, subscriber.stream, subscriber.framing, opening: head)
      {
        close(subscriber.connection, .reset)
      }
    }
  }

  private func join(_ client: ClientID, opening: [UInt8], followedBy answer: SharedBytes? = nil) {
    guard let subscriber = subscribers[client] else { return }
    beginAnswer(of: subscriber)
    if !delivery(of: subscriber).join(
      client.slot, subscriber.stream, subscriber.framing, opening: opening, followedBy: answer)
    {
      close(subscriber.connection, .reset)
    }
  }

  /// The delivery of a subscriber, before and during its stream.
  func delivery(of subscriber: Subscriber) -> any ClientDelivery {
    let slot = subscriber.connection.slot
    guard let http2 = connections[slot].http2 else {
      return connections[slot].channel.delivery(of: deliveries)
    }
    return StreamDelivery(worker: deliveries, stream: http2.streams[subscriber.exchange.stream])
  }

  /// Removes a departed subscriber from its delivery; the connection stays.
  ///
  /// - Returns: the rest of the event in which the subscriber was cut.
  func leave(_ departure: Departure) -> [UInt8] {
    let subscriber = departure.subscriber
    let rest = delivery(of: subscriber).release(departure.client.slot, subscriber.stream, subscriber.framing)
    if let withdrawn = departure.withdrawn { mailboxes.link.post(.withdrawn(withdrawn)) }
    configuration.register.leave(subscriber.address)
    if subscriber.stream.concernsLink { mailboxes.link.post(.left(subscriber.stream)) }
    return rest
  }

  /// The client's address.
  private func address(of id: ConnectionID, _ head: RequestHead) -> NetworkAddress? {
    ForwardedFor.clientAddress(
      peer: connections[id.slot].http.address, fields: head.values(of: "x-forwarded-for"),
      forwarded: head.values(of: "forwarded"),
      trusted: configuration.settings.trustedProxies, trustsUnixPeer: configuration.settings.trustsUnixProxy)
  }

  /// A page asks to close its own streams, on any worker.
  func cleanUp(
    _ scope: CleanupScope, _ key: ClientKey?, _ head: RequestHead, _ form: ResponseForm,
    for id: ExchangeID
  ) {
    guard let key else { return send(.cleanedUp(0), form, to: id) }
    mailboxes.collect(
      for: .client(id, PendingAnswer(.cleanup, form), worker: index),
      .closing(.own(scope, address: address(of: id.connection, head), key: key), .cleanedUp))
  }
}
