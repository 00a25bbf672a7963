import EdgeCore
import Primitives
import Reactor

// How clients are released: each gets a time to reconnect, and its stream ends at the end of an event. A client that
// lagged first gets the rest of the event in which it was cut. An HTTP/1 connection ends with the last byte, so that the
// client does not reuse it.
extension Worker {
  /// Releases the clients that are due.
  func releaseDue() {
    while let (departure, reason) = subscribers.nextReleased(now: loop.now, using: &random) {
      sendLastBytes(departure, reason)
    }
    releaseTimer?.set(subscribers.releaseDeadline)
  }

  /// Releases all clients that match.
  ///
  /// - Returns: the number of released clients.
  func release(_ match: ClientMatch, because reason: CloseReason) -> Int {
    let clients = subscribers.matching(match)
    for client in clients { release(client, reason) }
    return clients.count
  }

  /// Releases the clients that have reached their age.
  func refreshDue() {
    for client in subscribers.takeAged(now: loop.now) { release(client, .refreshed) }
  }

  private func release(_ client: ClientID, _ reason: CloseReason) {
    guard let departure = subscribers.release(client, using: &random) else { return }
    sendLastBytes(departure, reason)
  }

  /// Memory is short: closes a part of the clients that lag, as ``EdgeCore/DeliveryLimits/lagMaximum`` does. They get no
  /// last bytes: they take none, and those would be kept for them. The time to reconnect was the first thing they got.
  func closeSlowest(_ share: Double) {
    for slot in deliveries.slowest(share) { giveUp(slot, .memoryShort) }
  }

  /// Writes a subscriber's last bytes.
  func sendLastBytes(_ departure: Departure, _ reason: CloseReason) {
    let bytes = departure.lastBytes(after: leave(departure))
    let id = departure.subscriber.connection
    if let connection = connections[id]?.http2 {
      return end(departure.subscriber.exchange.stream, of: connection, after: bytes, reason)
    }
    connections[id.slot].http.endStream(reason)
    // Sends the last chunk and the end together: in between, a client's library could send its next request over this
    // connection.
    Socket.joinEndToLastBytes(connections[id.slot].descriptor)
    write(bytes, to: id)
  }
}
