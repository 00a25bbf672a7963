import EdgeCore
import HTTP
import Primitives
import Reactor

/// Clients that are being let go, one after the other.
struct Release {
  var plan: ReleasePlan
  /// Who is still to go; the next one last.
  var clients: [ClientID]
  let retry: RetryDelay
  let reason: CloseReason
}

// How clients are let go that could have stayed: each is told when to come back, and its stream ends at the border of an
// event. Who lagged gets the rest of the event that it was cut in. With the last byte the connection ends, so that nobody comes
// back over it.
extension Worker {
  /// Lets so many clients go over a window, of each stream its share. It takes the place of a release that is under way,
  /// so that whoever asks twice does not lose twice as many.
  func release(_ count: Int, over window: Duration, because reason: CloseReason) {
    let byStream = Dictionary(grouping: table.streamingClients) { table[$0.slot].stream }
    let picked = Selection.pick(count, of: byStream.values.flatMap(\.self), using: &random)
    let pace = ReleasePace(window: window, retry: configuration.retry)
    ongoingRelease = Release(
      plan: ReleasePlan(count: picked.count, over: pace.span, from: loop.now),
      clients: picked.shuffled(using: &random), retry: pace.retry, reason: reason)
    releaseDue()
  }

  /// Lets those go whose time has come.
  func releaseDue() {
    guard var current = ongoingRelease else { return }
    var due = current.plan.timerTriggered(now: loop.now)
    while due > 0, let client = current.clients.popLast() {
      // Whoever has left by himself does not count: the others keep their pace, and it is over sooner.
      guard table.contains(client), table[client.slot].stream != nil else { continue }
      release(client.slot, current.reason, retry: current.retry)
      totals.releasedOfLate += 1
      due -= 1
    }
    ongoingRelease = current.clients.isEmpty ? nil : current
    releaseTimer?.set(ongoingRelease?.plan.deadline)
  }

  /// Lets one client go.
  func release(_ slot: Int32, _ reason: CloseReason, retry: RetryDelay) {
    guard var bytes = leaveStream(slot) else { return }
    totals.released += 1
    var line: [UInt8] = []
    EventStream.append(retryMilliseconds: retry.next(using: &random), to: &line)
    table[slot].framing.append(line, to: &bytes)
    table[slot].framing.appendEnd(to: &bytes)
    table[slot].session.end(reason)
    // Between the last chunk and the end a client's library would ask for more over the same connection.
    Socket.joinEndToLastBytes(table[slot].descriptor)
    write(bytes, to: slot)
  }

  /// Lets all go that match.
  ///
  /// - Returns: how many they were.
  func release(_ match: ClientMatch, because reason: CloseReason) -> Int {
    let clients = table.streamingClients.filter { client in
      guard let stream = table[client.slot].stream else { return false }
      return match.contains(stream, from: table[client.slot].countedAddress, key: table[client.slot].key)
    }
    for client in clients { release(client.slot, reason, retry: configuration.retry) }
    return clients.count
  }

  // MARK: Age

  /// Sets when the client is asked to connect anew, where the operator wants that.
  func scheduleRefresh(_ slot: Int32) {
    guard let age = configuration.refreshAfter, let client = table.id(at: slot) else { return }
    refreshes.clientJoined(client, age: age, now: loop.now, using: &random)
  }

  /// Lets those go that are old enough.
  func refreshDue() {
    for client in refreshes.takeDue(now: loop.now) where table.contains(client) {
      release(client.slot, .refreshed, retry: configuration.retry)
    }
  }
}

extension ClientTable {
  /// Those who stream.
  var streamingClients: [ClientID] { ids.filter { self[$0.slot].stream != nil } }
}
