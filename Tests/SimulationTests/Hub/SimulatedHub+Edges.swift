import HubCore
import Primitives
import Wire

// The edges: it performs what `FeedRelay` and `EdgeFleet` do.
extension SimulatedHub {
  func greeted(_ link: HubSideLink, by hello: Hello, _ welcome: Welcome) {
    _ = edges.greeted(
      link, by: hello, from: "", welcome, table: stream.table, status: stream.feedStatus)
  }

  func ended(_ link: HubSideLink, _ reason: EdgeLinkEnd) {
    if let node = edges.ended(link, because: reason) {
      world.note(name, "the link of \(node) ended: \(reason)")
    }
  }

  /// Performs what the stream decided.
  func perform(_ actions: [HubStream.Action]) {
    for action in actions {
      switch action {
      case .publish(let flush): edges.publish(flush, hubStampMicroseconds: 0)
      case .publishEvents(let events): edges.publish(events)
      case .requireSnapshots: edges.requireSnapshots()
      case .announce: perform(machine.announce(using: &world.random))
      case .fence:
        machine.fenceSoon(now: world.now)
        feedAlarm.set(machine.deadline)
      case .publishSnapshots: edges.publishSnapshot(of: stream.table)
      case .publishStatus(let status): edges.publish(status)
      case .countForgotten: break
      case .listTweets(let topics):
        perform(machine.listTweets(of: topics, now: world.now, using: &world.random))
      case .answer(let asked, let messages): _ = edges.answer(asked, messages)
      case .refuse(let asked, let outcome): _ = edges.refuse(asked, outcome)
      }
    }
    armTick()
  }

  func asked(_ query: Query, by link: HubSideLink) {
    perform(stream.asked(query, of: link.number, now: world.now))
  }
}
