import HubCore
import Primitives
import Testing
import Wire

@Suite struct TopicQueueTests {
  private let topic: TopicEvent.Source
  private let other: TopicEvent.Source
  private let kiosk: TopicEvent.Source

  init() throws {
    topic = .details(try #require(TopicID("1F4C2")))
    other = .details(try #require(TopicID("2665")))
    kiosk = .interaction(try #require(ChannelName("stream.interaction.request")))
  }

  private func event(_ source: TopicEvent.Source, bytes: Int = 1) throws -> TopicEvent {
    try TopicEvent(stamp: .origin, source: source, payload: [UInt8](repeating: 0x61, count: bytes))
  }

  private func stamp(_ position: Position, _ ordinal: UInt64) -> TopicStamp {
    TopicStamp(position: position, ordinal: ordinal)
  }

  @Test("Events of one kind are counted from the previous increment on, whatever their topic is")
  func stamps() throws {
    var queue = TopicQueue()
    for (source, position) in [(topic, 7), (other, 7), (kiosk, 7), (topic, 8), (kiosk, 8), (kiosk, 8)] {
      queue.append(try event(source), at: Position(position))
    }
    #expect(
      queue.takeAll().map(\.stamp) == [
        stamp(7, 0), stamp(7, 1), stamp(7, 0), stamp(8, 0), stamp(8, 0), stamp(8, 1),
      ])
    queue.append(try event(other), at: 8)
    #expect(queue.takeAll().map(\.stamp) == [stamp(8, 1)], "a tick is no new beginning")
    #expect(queue.isEmpty && queue.takeAll().isEmpty)
  }

  @Test(
    "Events that wait while missed increments are determined come after those, and so do later events")
  func moved() throws {
    var queue = TopicQueue()
    queue.append(try event(topic), at: 7)
    queue.append(try event(topic), at: 8)
    queue.moved(from: 0, to: 10)
    queue.append(try event(topic), at: 18)
    #expect(queue.takeAll().map(\.stamp) == [stamp(17, 0), stamp(18, 0), stamp(18, 1)])
  }

  @Test("Events that wait while lost increments are determined come ahead of those")
  func movedBack() throws {
    var queue = TopicQueue()
    queue.append(try event(topic), at: 107)
    queue.moved(from: 108, to: 8)
    queue.append(try event(topic), at: 7)
    #expect(queue.takeAll().map(\.stamp) == [stamp(7, 0), stamp(7, 1)])
  }

  @Test(
    "A fence that confirms the position leaves all stamps as they are, at position 0 too", arguments: [0, 7])
  func notMoved(position: Position) throws {
    var queue = TopicQueue()
    queue.append(try event(topic), at: position)
    _ = queue.takeAll()
    queue.append(try event(topic), at: position)
    queue.moved(from: position, to: position)
    #expect(queue.takeAll().map(\.stamp) == [stamp(position, 1)])
    queue.moved(from: position, to: position)
    queue.append(try event(topic), at: position)
    #expect(queue.takeAll().map(\.stamp) == [stamp(position, 2)])
  }

  @Test("Events of a lost history keep their order, before the first place of what is left")
  func movedBeforeTheBeginning() throws {
    var queue = TopicQueue()
    for position: Position in [104, 105, 105, 108] { queue.append(try event(topic), at: position) }
    queue.moved(from: 108, to: 1)
    #expect(queue.takeAll().map(\.stamp) == [stamp(0, 0), stamp(0, 1), stamp(0, 2), stamp(1, 0)])
    queue.append(try event(topic), at: 107)
    queue.moved(from: 107, to: 0)
    queue.append(try event(topic), at: 0)
    #expect(queue.takeAll().map(\.stamp) == [stamp(0, 0), stamp(0, 1)])
  }

  @Test("Events whose place will never be known are dropped and counted")
  func forgotten() throws {
    var queue = TopicQueue()
    for _ in 0..<3 { queue.append(try event(topic), at: 7) }
    #expect(queue.forgetUnplaced() == 3)
    #expect(queue.isEmpty && queue.forgetUnplaced() == 0)
  }

  @Test("The queue reports when more events wait than may")
  func overfull() throws {
    var queue = TopicQueue()
    for _ in 0..<16 { queue.append(try event(topic, bytes: 65_536), at: 1) }
    #expect(!queue.isOverfull)
    queue.append(try event(topic), at: 1)
    #expect(queue.isOverfull)
    _ = queue.takeAll()
    #expect(!queue.isOverfull)
  }
}
