import EdgeCore
import Primitives
import Testing
import Wire

struct TopicInterestTests {
  private let details: Topic
  init() throws { details = .details(try #require(TopicID("1F602"))) }

  @Test("A topic is added with its first client, and removed some time after its last one")
  func life() {
    var ledger = TopicInterest(linger: .seconds(10))
    #expect(ledger.linkOpened() == [Interest(.replace, [])])
    ledger.clientJoined(details)
    ledger.clientJoined(details)
    #expect(ledger.takeAdded() == [Interest(.add, [details])])
    #expect(ledger.takeAdded().isEmpty)
    ledger.clientLeft(details, at: moment(0))
    #expect(ledger.takeExpired(at: moment(60_000)).isEmpty, "one client is still there")
    ledger.clientLeft(details, at: moment(60_000))
    #expect(ledger.takeExpired(at: moment(69_999)).isEmpty)
    #expect(ledger.takeExpired(at: moment(70_000)) == [Interest(.remove, [details])])
    #expect(ledger.count == 0)
  }

  @Test("A client that returns in time keeps the topic, and the hub is sent nothing")
  func lingers() {
    var ledger = TopicInterest(linger: .seconds(10))
    _ = ledger.linkOpened()
    ledger.clientJoined(.raw)
    _ = ledger.takeAdded()
    ledger.clientLeft(.raw, at: moment(0))
    ledger.clientJoined(.raw)
    #expect(ledger.takeAdded().isEmpty)
    #expect(ledger.takeExpired(at: moment(20_000)).isEmpty)
  }

  @Test("A new link is sent everything, and without one nothing is sent")
  func reconnects() {
    var ledger = TopicInterest(linger: .seconds(10))
    ledger.clientJoined(.raw)
    #expect(ledger.takeAdded().isEmpty)
    #expect(ledger.linkOpened() == [Interest(.replace, [.raw])])
    #expect(ledger.takeAdded().isEmpty)
    ledger.linkClosed()
    ledger.clientLeft(.raw, at: moment(0))
    #expect(ledger.takeExpired(at: moment(10_000)).isEmpty)
    #expect(ledger.linkOpened() == [Interest(.replace, [])])
  }

  @Test("The number of topics is limited")
  func limit() throws {
    var ledger = TopicInterest(linger: .zero, maximumCount: 2)
    _ = ledger.linkOpened()
    for name in ["A", "B", "C"] { ledger.clientJoined(.details(try #require(TopicID(name)))) }
    #expect(ledger.count == 2)
    ledger.clientLeft(.details(try #require(TopicID("C"))), at: moment(0))
    #expect(ledger.count == 2)
  }
}
