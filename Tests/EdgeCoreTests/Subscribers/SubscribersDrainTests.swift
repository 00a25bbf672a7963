import EdgeCore
import HTTP
import Primitives
import Testing

@Suite("Subscribers: the worker drains and ends")
struct SubscribersDrainTests {
  @Test("A drain releases all clients within its window, and rejects new ones without a place")
  func drain() throws {
    var fixture = SubscribersFixture()
    for _ in 0..<10 { _ = try fixture.join("/subscribe/raw") }
    let waiting = try fixture.wait()
    fixture.subscribers.drain(over: .seconds(10), now: fixture.now, using: &fixture.random)
    guard case .reject = try fixture.request("/subscribe/raw") else {
      Issue.record("taken")
      return
    }
    #expect(fixture.placesTaken == 11)
    var gone: [ClientID] = []
    for tenth in Int64(0)...100 { gone += fixture.releasedBy(moment(tenth * 100)) }
    #expect(gone.count == 11 && gone.contains(waiting.id))
    #expect(fixture.subscribers.count == 0)
    #expect(fixture.subscribers.counters.releasedOfLate == 11)
  }

  @Test("A draining worker ignores a shed, because it releases all clients already")
  func shedWhileDraining() throws {
    var fixture = SubscribersFixture()
    for _ in 0..<4 { _ = try fixture.join("/subscribe/raw") }
    fixture.subscribers.drain(over: .seconds(60), now: fixture.now, using: &fixture.random)
    fixture.subscribers.shed(1, over: .zero, now: fixture.now, using: &fixture.random)
    #expect(fixture.subscribers.releasingCount == 4)
  }

  @Test("After a drain that is called off, the remaining clients stay and others may join")
  func resume() throws {
    var fixture = SubscribersFixture()
    let client = try fixture.join("/subscribe/raw")
    let serving = fixture.subscribers.resume()
    #expect(!serving)
    fixture.subscribers.drain(over: .seconds(60), now: moment(0), using: &fixture.random)
    let resumed = fixture.subscribers.resume()
    #expect(resumed && !fixture.subscribers.isDraining)
    #expect(fixture.subscribers.releaseDeadline == nil)
    #expect(fixture.releasedBy(moment(120_000)) == [])
    #expect(fixture.subscribers.ids == [client])
    _ = try fixture.join("/subscribe/raw")
  }

  @Test("A worker that stops cannot be called back, and has finished once no client is owed anything")
  func finish() throws {
    var fixture = SubscribersFixture()
    _ = try fixture.join("/subscribe/raw")
    let first = fixture.subscribers.finish(over: .zero, now: moment(0), using: &fixture.random)
    let second = fixture.subscribers.finish(over: .zero, now: moment(0), using: &fixture.random)
    #expect(first && !second)
    let resumed = fixture.subscribers.resume()
    #expect(!resumed)
    let withClient = fixture.subscribers.settles(isOwed: false, now: moment(1))
    #expect(!withClient)
    #expect(fixture.releasedBy(moment(2)).count == 1)
    let writing = fixture.subscribers.settles(isOwed: true, now: moment(3))
    #expect(!writing && !fixture.subscribers.isOver(connections: 0, now: moment(3)))
    let settled = fixture.subscribers.settles(isOwed: false, now: moment(4))
    #expect(settled)
    #expect(fixture.subscribers.isOver(connections: 0, now: moment(4)))
    #expect(!fixture.subscribers.isOver(connections: 1, now: moment(2_003)))
    #expect(fixture.subscribers.isOver(connections: 1, now: moment(2_004)))
  }

  @Test("Bytes that are owed in between restart the wait")
  func settlingAnew() throws {
    var fixture = SubscribersFixture()
    _ = fixture.subscribers.finish(over: .zero, now: moment(0), using: &fixture.random)
    _ = fixture.subscribers.settles(isOwed: false, now: moment(0))
    _ = fixture.subscribers.settles(isOwed: true, now: moment(1_000))
    _ = fixture.subscribers.settles(isOwed: false, now: moment(1_500))
    #expect(!fixture.subscribers.isOver(connections: 1, now: moment(2_500)))
    #expect(fixture.subscribers.isOver(connections: 1, now: moment(3_500)))
  }

  @Test("A worker finishes once")
  func end() {
    var fixture = SubscribersFixture()
    fixture.subscribers.shutDown()
    #expect(fixture.subscribers.isDraining && !fixture.subscribers.isFinished)
    let first = fixture.subscribers.finished()
    fixture.subscribers.shutDown()
    let second = fixture.subscribers.finished()
    #expect(first && !second && fixture.subscribers.isFinished)
    let settles = fixture.subscribers.settles(isOwed: false, now: moment(0))
    #expect(!settles)
  }
}
