import HubCore
import Primitives
import Wire

// Edges' queries about the past, and their answers.
extension SimulatedHub {
  func asked(_ query: Query, by link: HubSideLink) {
    perform(stream.asked(query, of: link.number, now: world.now))
    armTick()
  }

  func answer(_ asked: AskedQuery, _ messages: [Message]) {
    guard let link = link(asked.link) else { return }
    if !link.answer(HubSideLink.encoded(messages)) { refuse(asked, .unavailable) }
  }

  func refuse(_ asked: AskedQuery, _ outcome: QueryOutcome) {
    link(asked.link)?.refuse(asked.query, outcome)
  }
}
