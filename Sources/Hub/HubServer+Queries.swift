import HubCore
import Reactor
import Wire

// What edges ask about the past, and what they are answered.
extension HubServer {
  func edgeLink(_ link: EdgeLinkDriver, asked query: Query) {
    perform(stream.asked(query, of: link.number, now: loop.now))
    armTick()
  }

  func edgeLink(_ link: EdgeLinkDriver, refused query: Query) {
    link.send(query.answer(without: .unavailable))
    counters.queryAnswered(query.question, .unavailable)
  }

  func feedListed(_ list: TweetList) {
    perform(stream.listed(list))
  }

  func answer(_ asked: AskedQuery, _ messages: [Message]) {
    guard let link = links[asked.link] else { return }
    guard link.answer(EdgeLinkDriver.encoded(messages)) else { return refuse(asked, .unavailable) }
    counters.queryAnswered(asked.query.question, .answered)
  }

  func refuse(_ asked: AskedQuery, _ outcome: QueryOutcome) {
    guard let link = links[asked.link] else { return }
    link.refuse(asked.query, outcome)
    counters.queryAnswered(asked.query.question, outcome)
  }
}
