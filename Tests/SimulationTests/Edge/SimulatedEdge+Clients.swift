import EdgeCore
import HTTP
import Primitives

// An edge's clients apart from their streams: places, sheds, and cleanups by pages; and the checks of an
// audit.
extension SimulatedEdge {
  // MARK: Places

  func takePlace(_ address: NetworkAddress?) -> Bool { places.join(address) == .admitted }

  func leavePlace(_ address: NetworkAddress?) { places.leave(address) }

  /// Checks that each place belongs to a subscriber.
  func checkPlaces() {
    let subscribers = workers.reduce(0) { $0 + $1.subscribers.count }
    if places.count != subscribers {
      world.violated("places", "\(name) counts \(places.count) clients, and \(subscribers) have a stream")
    }
  }

  /// Takes away all room for further clients and for streams' beginnings, or restores it.
  func setCrowded(_ isCrowded: Bool) {
    world.note(name, isCrowded ? "has no room" : "has room again")
    openingBytes = SharedBytesBudget(limit: isCrowded ? 0 : 1 << 20, countMinimum: 64)
    guard world.chance(50) || !isCrowded else { return }
    places.setLimits(clientsMaximum: isCrowded ? max(1, places.count) : 1000, perAddressMaximum: 1000)
  }

  // MARK: Releases

  func shed(_ count: Int, over window: Duration) {
    world.note(name, "sheds \(count) over \(window)")
    shedAsked += count
    let shares = Selection.shares(of: count, among: workers.map(\.subscribers.count))
    for (worker, share) in zip(workers, shares) { worker.mailbox.post(.shed(share, window: window)) }
  }

  /// Records that a client was released.
  func sendLastBytes(_ connection: Int, _ reason: CloseReason) {
    world.note(name, "lets connection \(connection) go: \(reason)")
    switch reason {
    case .drained: world.happened(.drained)
    case .shed:
      world.happened(.shed)
      shedDone += 1
      if shedDone > shedAsked { world.violated("shed", "\(name) has shed \(shedDone) of \(shedAsked)") }
    case .cleanedUp: world.happened(.cleanup)
    default: break
    }
  }

  // MARK: Pages

  func close(
    _ match: ClientMatch, for connection: ConnectionID, _ form: ResponseForm, at worker: SimulatedWorker
  ) {
    let closing = Closing(match, for: connection, form, at: worker, workerCount: workers.count)
    for worker in workers { worker.mailbox.post(.close(closing)) }
  }

  /// Records that a stream was closed for its page.
  func closed(_ connection: Int, for closing: Closing) {
    closing.count += 1
    guard case .own(_, let address, let key) = closing.match else { return }
    let page = audit.page(of: connection)
    if page != SimulatedPage(address: address, key: key) {
      world.violated("cleanup", "\(name) closes connection \(connection) for another page")
    }
  }
}
