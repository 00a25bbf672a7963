import EdgeCore
import HTTP
import Primitives
import TestSupport
import Testing

/// A worker's subscribers, with what a driver keeps beside them: the edge's places.
struct SubscribersFixture {
  var subscribers: Subscribers
  var random = SeededGenerator(seed: 1)
  var now = moment(0)
  /// The number of places taken.
  var placesTaken = 0
  var placesMaximum = 100
  private var connections = SlotMap<HTTP1Connection, Bool>(vacant: false)
  private let opening: StreamResponseHead

  init(refreshAfter: Duration? = nil, isChunked: Bool = true) {
    subscribers = Subscribers(
      worker: 3, terms: SubscriberTerms(retry: .standard, refreshAfter: refreshAfter), now: moment(0))
    opening = StreamResponseHead(
      fields: AnswerFields(allowOrigin: "*"), retry: .standard, isChunked: isChunked)
  }

  mutating func request(
    _ target: String, from address: String = "192.0.2.1", fields: [String] = []
  ) throws -> Subscribers.RequestedAction {
    let head = try parsedHead(httpRequest("GET \(target)", fields: fields))
    guard case .stream(let subscription) = Router.route(head, offers: OfferedStreams()) else {
      throw MalformedText("no stream")
    }
    let request = SubscriptionRequest(
      subscription, head, over: ExchangeID(connections.insert(true)),
      from: try NetworkAddress(parsing: address),
      unixSeconds: 784_111_777)
    var isTaken = false
    let hasRoom = placesTaken < placesMaximum
    let action = subscribers.requested(request, opening: opening, now: now, using: &random) { _ in
      isTaken = hasRoom
      return hasRoom
    }
    if isTaken { placesTaken += 1 }
    return action
  }

  /// Adds a client with a plain stream.
  mutating func join(_ target: String, from address: String = "192.0.2.1") throws -> ClientID {
    guard case .join(let client, _) = try request(target, from: address) else {
      throw MalformedText("not let in")
    }
    return client
  }

  /// Makes a client wait for the beginning of its stream.
  mutating func wait(_ target: String = "/subscribe/eps?resume=1") throws -> OpeningClient {
    guard case .await(let client) = try request(target) else { throw MalformedText("does not wait") }
    return client
  }

  mutating func opened(_ client: OpeningClient, hasAnswer: Bool = true) -> Subscribers.OpenedAction {
    subscribers.opened(client, hasAnswer: hasAnswer, using: &random)
  }

  mutating func release(_ client: ClientID) -> Departure? { subscribers.release(client, using: &random) }

  /// The clients that are released at a moment.
  mutating func releasedBy(_ moment: Instant) -> [ClientID] {
    now = moment
    var clients: [ClientID] = []
    while let (departure, _) = subscribers.nextReleased(now: now, using: &random) {
      clients.append(departure.client)
    }
    return clients
  }
}

private func httpRequest(_ methodAndTarget: String, fields: [String]) -> String {
  request(methodAndTarget, fields: fields)
}

extension Departure {
  /// The last bytes as text, without the number of the delay.
  func text(after rest: String = "") -> String {
    string(lastBytes(after: Array(rest.utf8))).replacing(#/retry:\d+/#, with: "retry:N")
  }
}
