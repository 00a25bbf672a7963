import EdgeCore
import Primitives
import Reactor
import Wire

// Clients whose streams begin with more than what happens from now on: the desk decides, and this does it.
extension LinkDriver {
  /// A client waits. What it joins is known to the hubs by the end of this turn, when they may be asked.
  func request(_ client: OpeningClient, _ subscription: Subscription) {
    desk.requested(client, subscription, now: loop.now)
    scheduleTurnEnd()
  }

  /// A hub answered one of the desk's questions: a part of an answer; all parts come at once.
  func openingAnswered(_ message: Message) {
    if case .tweets(let list) = message, let topic = desk.topic(askedBy: list.id) {
      guard !repair.isHolding(topic) else {
        // The list holds what is yet to be told to all: later.
        desk.unanswered(list.id, now: loop.now)
        return scheduleTurnEnd()
      }
      repair.listTold(list.payloads, of: topic)
    }
    // A list of tweets is true at its very place: what came before it goes before it.
    broadcastEvents()
    perform(desk.answered(message, for: &renderer, now: loop.now))
    scheduleTurnEnd()
  }

  /// No hub could answer one of the desk's questions.
  func openingUnanswered(_ query: Query) {
    desk.unanswered(query.id, now: loop.now)
    scheduleTurnEnd()
  }

  /// All that was new has been handed to the workers: whoever can be answered begins there.
  func openStreams() {
    guard desk.deadline != nil else { return }
    broadcastEvents()
    perform(desk.updatesMerged(into: &renderer, now: loop.now))
    deskTimer?.set(desk.deadline)
  }

  private func perform(_ actions: [OpeningDesk.Action]) {
    for action in actions {
      switch action {
      case .open(let clients, let bytes): mailboxes.open(clients, with: openingBytes.share(bytes))
      case .ask(let query): ask(query)
      }
    }
  }
}
