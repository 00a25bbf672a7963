import EdgeCore
import Primitives
import Reactor
import Wire

// Clients whose streams begin with more than what happens from now on: the desk decides, and this does it.
extension LinkDriver {
  /// A client waits. What it joins is known to the hub by the end of this turn, when it may be asked.
  func request(_ client: OpeningClient, _ subscription: Subscription) {
    desk.requested(client, subscription, now: loop.now)
    scheduleTurnEnd()
  }

  /// The hub sent what is for clients, or answered a question.
  func deliver(_ message: Message) {
    switch message {
    case .pastTotals, .order, .tweets:
      // A list of tweets is true at its very place: what came before it goes before it.
      broadcastUpdates()
      perform(desk.answered(message, for: &renderer, now: loop.now))
    default: renderer.receive(message)
    }
  }

  /// All that was new has been handed to the workers: whoever can be answered begins there.
  func openStreams() {
    perform(desk.updatesMerged(into: &renderer, now: loop.now))
    deskTimer?.set(desk.deadline)
  }

  private func perform(_ actions: [OpeningDesk.Action]) {
    for action in actions {
      switch action {
      case .open(let clients, let bytes): mailboxes.open(clients, with: bytes)
      case .ask(let query): ask(query)
      }
    }
  }

  private func ask(_ query: Query) {
    if link.isLive { send(.query(query)) } else { desk.unanswered(query.id, now: loop.now) }
  }
}
