import EdgeCore
import Primitives
import Reactor

// How clients are let go that could have stayed: each is told when to come back, and its stream ends at the border of an
// event. A client that lagged gets the rest of the event that it was cut in. With the last byte the connection ends, so that
// the client does not come back over it.
extension Worker {
  /// Lets those go whose time has come.
  func releaseDue() {
    while let (departure, reason) = subscribers.nextReleased(now: loop.now, using: &random) {
      letGo(departure, reason)
    }
    releaseTimer?.set(subscribers.releaseDeadline)
  }

  /// Lets all go that match.
  ///
  /// - Returns: how many they were.
  func release(_ match: ClientMatch, because reason: CloseReason) -> Int {
    let clients = subscribers.matching(match)
    for client in clients { release(client, reason) }
    return clients.count
  }

  /// Lets those go that are old enough.
  func refreshDue() {
    for client in subscribers.takeAged(now: loop.now) { release(client, .refreshed) }
  }

  private func release(_ client: ClientID, _ reason: CloseReason) {
    guard let departure = subscribers.release(client, using: &random) else { return }
    letGo(departure, reason)
  }

  /// Writes a subscriber's last bytes.
  func letGo(_ departure: Departure, _ reason: CloseReason) {
    let bytes = departure.lastBytes(after: leave(departure))
    let id = departure.subscriber.connection
    connections[id.slot].http.endStream(reason)
    // Between the last chunk and the end a client's library would ask for more over the same connection.
    Socket.joinEndToLastBytes(connections[id.slot].descriptor)
    write(bytes, to: id)
  }
}
