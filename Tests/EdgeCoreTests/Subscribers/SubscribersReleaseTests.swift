import EdgeCore
import HTTP
import Primitives
import Testing

@Suite("Subscribers: leaving")
struct SubscribersReleaseTests {
  @Test("A released client is told when to reconnect, behind the rest of the event in which it was cut")
  func words() throws {
    var fixture = SubscribersFixture()
    let client = try fixture.join("/subscribe/raw")
    let released = fixture.release(client)
    let departure = try #require(released)
    #expect(departure.text(after: "rest") == "restb\r\nretry:N\n\r\n0\r\n\r\n")
    #expect(fixture.release(client)?.client == nil)
    #expect(fixture.subscribers.counters.released == 1)
    #expect(fixture.subscribers.counters.releasedOfLate == 0)
  }

  @Test("A waiting client gets the head first, unless it has it")
  func wordsToWaiting() throws {
    var fixture = SubscribersFixture(isChunked: false)
    let waiting = try fixture.wait()
    let released = fixture.release(waiting.id)
    let text = try #require(released).text()
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(text.hasSuffix("\r\n\r\nretry:N\nretry:N\n"))
    let admitted = try fixture.wait()
    _ = fixture.subscribers.admitted(admitted)
    #expect(fixture.release(admitted.id)?.text() == "retry:N\n")
  }

  @Test("A shed releases its number of clients, over its window, each once")
  func shed() throws {
    var fixture = SubscribersFixture()
    var all: Set<ClientID> = []
    for _ in 0..<20 { all.insert(try fixture.join("/subscribe/raw")) }
    fixture.subscribers.shed(5, over: .seconds(10), now: fixture.now, using: &fixture.random)
    #expect(fixture.subscribers.releasingCount == 5)
    var gone: [ClientID] = []
    for second in Int64(0)...10 { gone += fixture.releasedBy(moment(second * 1000)) }
    #expect(gone.count == 5)
    #expect(Set(gone).isSubset(of: all) && Set(gone).count == 5)
    #expect(fixture.subscribers.count == 15)
    #expect(fixture.subscribers.counters.releasedOfLate == 5)
    #expect(fixture.subscribers.releasingCount == 0)
    #expect(fixture.subscribers.releaseDeadline == nil)
  }

  @Test("A shed takes clients of each stream in proportion")
  func shares() throws {
    var fixture = SubscribersFixture()
    for _ in 0..<10 { _ = try fixture.join("/subscribe/raw") }
    for _ in 0..<30 { _ = try fixture.join("/subscribe/eps") }
    fixture.subscribers.shed(8, over: .zero, now: fixture.now, using: &fixture.random)
    _ = fixture.releasedBy(fixture.now)
    let left = fixture.subscribers.statuses.map(\.stream.namespace)
    #expect(left.count { $0 == "/raw" } == 8)
    #expect(left.count { $0 == "/eps" } == 24)
  }

  @Test("A client that left by itself does not count, and the others go at their pace")
  func leaving() throws {
    var fixture = SubscribersFixture()
    var all: [ClientID] = []
    for _ in 0..<6 { all.append(try fixture.join("/subscribe/raw")) }
    fixture.subscribers.shed(6, over: .seconds(60), now: fixture.now, using: &fixture.random)
    for client in all[..<2] { _ = fixture.subscribers.ended(client) }
    var gone: [ClientID] = []
    for second in Int64(0)...60 { gone += fixture.releasedBy(moment(second * 1000)) }
    #expect(Set(gone) == Set(all[2...]) && gone.count == 4)
    #expect(fixture.subscribers.counters.releasedOfLate == 4)
    #expect(fixture.subscribers.releasingCount == 0)
  }

  @Test("A second shed replaces the first one")
  func replacing() throws {
    var fixture = SubscribersFixture()
    for _ in 0..<4 { _ = try fixture.join("/subscribe/raw") }
    fixture.subscribers.shed(4, over: .seconds(60), now: fixture.now, using: &fixture.random)
    fixture.subscribers.shed(2, over: .zero, now: fixture.now, using: &fixture.random)
    let gone = fixture.releasedBy(moment(60_000))
    #expect(gone.count == 2)
    #expect(fixture.subscribers.count == 2)
  }

  @Test("A page's own streams have its address and its key, and are in the scope that it names")
  func own() throws {
    var fixture = SubscribersFixture()
    let key = try #require(ClientKey(Array("0123456789abcdef".utf8)))
    let own = try fixture.join("/subscribe/raw?client=0123456789abcdef")
    _ = try fixture.join("/subscribe/details/1F602?client=0123456789abcdef")
    _ = try fixture.join("/subscribe/raw?client=0123456789abcdeg")
    _ = try fixture.join("/subscribe/raw?client=0123456789abcdef", from: "192.0.2.2")
    _ = try fixture.join("/subscribe/raw")
    let address = try NetworkAddress(parsing: "192.0.2.1")
    #expect(fixture.subscribers.matching(.own(.scores, address: address, key: key)) == [own])
    #expect(fixture.subscribers.matching(.selected(address: address, namespace: "/raw")).count == 3)
  }

  @Test("Clients that reached their age are taken out, also for an age that is set later")
  func age() throws {
    var fixture = SubscribersFixture(refreshAfter: .seconds(10))
    let client = try fixture.join("/subscribe/raw")
    #expect(fixture.subscribers.takeAged(now: moment(7_000)) == [])
    #expect(fixture.subscribers.takeAged(now: moment(13_500)) == [client])
    fixture.now = moment(13_000)
    let second = try fixture.join("/subscribe/raw")
    fixture.subscribers.configure(
      SubscriberTerms(retry: .standard, refreshAfter: .seconds(100)), now: moment(14_000),
      using: &fixture.random)
    #expect(fixture.subscribers.takeAged(now: moment(27_000)) == [])
    #expect(Set(fixture.subscribers.takeAged(now: moment(140_000))) == [client, second])
  }
}
