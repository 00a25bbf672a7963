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

  @Test("Topics that only linger give way to one that has a client")
  func displaced() throws {
    let topics = try ["A", "B", "C"].map { Topic.details(try #require(TopicID($0))) }
    var ledger = TopicInterest(linger: .seconds(10), maximumCount: 2)
    _ = ledger.linkOpened()
    for topic in topics[..<2] { ledger.clientJoined(topic) }
    _ = ledger.takeAdded()
    ledger.clientLeft(topics[0], at: moment(0))
    ledger.clientJoined(topics[2])
    // In this order, or the hub would find three.
    #expect(ledger.takeAdded() == [Interest(.remove, [topics[0]]), Interest(.add, [topics[2]])])
    #expect(ledger.count == 2)
    // One that came and gave way before a hub heard of it, and one that gave way and came back.
    ledger.clientLeft(topics[2], at: moment(0))
    ledger.clientJoined(topics[0])
    ledger.clientLeft(topics[0], at: moment(0))
    ledger.clientJoined(topics[2])
    #expect(ledger.takeAdded() == [Interest(.remove, [topics[0]]), Interest(.add, [topics[2]])])
  }

  @Test("A topic without room waits for it, and its clients are counted meanwhile")
  func waits() throws {
    let topics = try ["A", "B", "C"].map { Topic.details(try #require(TopicID($0))) }
    var ledger = TopicInterest(linger: .zero, maximumCount: 1)
    _ = ledger.linkOpened()
    for topic in topics + topics { ledger.clientJoined(topic) }
    #expect(ledger.takeAdded() == [Interest(.add, [topics[0]])])
    ledger.clientLeft(topics[2], at: moment(0))
    ledger.clientLeft(topics[2], at: moment(0))
    ledger.clientLeft(topics[1], at: moment(0))
    for _ in 0..<2 { ledger.clientLeft(topics[0], at: moment(0)) }
    #expect(ledger.takeExpired(at: moment(1)) == [Interest(.remove, [topics[0]])])
    #expect(ledger.takeAdded() == [Interest(.add, [topics[1]])])
    #expect(ledger.takeExpired(at: moment(2)).isEmpty)
    ledger.clientLeft(topics[1], at: moment(3))
    #expect(ledger.takeExpired(at: moment(3)) == [Interest(.remove, [topics[1]])])
    #expect(ledger.count == 0)
  }
}
