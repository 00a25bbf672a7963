import EdgeCore
import HTTP
import Primitives
import Testing

@Suite("Subscribers: joining")
struct SubscribersTests {
  @Test("A plain stream begins at once, with its head and a retry")
  func plain() throws {
    var fixture = SubscribersFixture()
    guard case .join(let client, let opening) = try fixture.request("/subscribe/raw") else {
      Issue.record("not let in")
      return
    }
    #expect(string(opening).hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(string(opening).contains("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))
    #expect(fixture.subscribers[client]?.stream == .raw)
    #expect(fixture.subscribers[client]?.framing == .chunked)
    #expect(fixture.subscribers.count == 1)
    #expect(fixture.placesTaken == 1)
  }

  @Test("A client without a place is rejected, and nothing is kept of it")
  func full() throws {
    var fixture = SubscribersFixture()
    fixture.placesMaximum = 0
    guard case .reject(let response) = try fixture.request("/subscribe/raw") else {
      Issue.record("not turned away")
      return
    }
    #expect(response.status == .serviceUnavailable)
    guard
      case .reject(let words) = try fixture.request(
        "/subscribe/raw", fields: ["Accept: text/event-stream"])
    else {
      Issue.record("not turned away")
      return
    }
    #expect(words.status == .ok)
    #expect(fixture.subscribers.count == 0)
    #expect(fixture.subscribers.counters.refused == 2)
  }

  @Test("A stream whose beginning is unknown waits for it, and then begins with head and answer")
  func opening() throws {
    var fixture = SubscribersFixture()
    let waiting = try fixture.wait()
    #expect(waiting.worker == 3)
    #expect(waiting.framing == .chunked)
    guard case .join(waiting.id, let head) = fixture.opened(waiting) else {
      Issue.record("not let in")
      return
    }
    #expect(string(head).hasPrefix("HTTP/1.1 200 OK\r\n"))
    guard case .none = fixture.opened(waiting) else {
      Issue.record("opened twice")
      return
    }
    #expect(fixture.subscribers.admitted(waiting) == nil)
  }

  @Test("The head of a response is written once, whether its client is admitted or not")
  func admission() throws {
    var fixture = SubscribersFixture()
    let waiting = try fixture.wait()
    let admitted = fixture.subscribers.admitted(waiting)
    let head = try #require(admitted)
    #expect(string(head).hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(fixture.subscribers.admitted(waiting) == nil)
    guard case .join(waiting.id, let rest) = fixture.opened(waiting) else {
      Issue.record("not let in")
      return
    }
    #expect(rest == [])
  }

  @Test("Without room for its beginning, a client with the head is released, and any other is rejected")
  func noRoom() throws {
    var fixture = SubscribersFixture()
    let waiting = try fixture.wait()
    guard case .reject(let refused, let response) = fixture.opened(waiting, hasAnswer: false) else {
      Issue.record("not turned away")
      return
    }
    #expect(response.status == .ok)
    #expect(refused.client == waiting.id)
    // The link has answered, so it knows of no client any more.
    #expect(refused.withdrawn == nil)
    let admitted = try fixture.wait()
    _ = fixture.subscribers.admitted(admitted)
    guard case .release(let released) = fixture.opened(admitted, hasAnswer: false) else {
      Issue.record("not let go")
      return
    }
    #expect(released.text(after: "rest") == "restb\r\nretry:N\n\r\n0\r\n\r\n")
    #expect(released.withdrawn == nil)
    #expect(fixture.subscribers.count == 0)
    #expect(fixture.subscribers.counters.refused == 1)
    #expect(fixture.subscribers.counters.released == 1)
  }

  @Test("An action for a client that is gone does not reach the next one in its slot")
  func generations() throws {
    var fixture = SubscribersFixture()
    let first = try fixture.wait()
    #expect(fixture.subscribers.ended(first.id)?.withdrawn == first)
    let second = try fixture.wait()
    #expect(second.id.slot == first.id.slot)
    guard case .none = fixture.opened(first) else {
      Issue.record("opened for another one")
      return
    }
    #expect(fixture.subscribers.admitted(first) == nil)
    #expect(fixture.release(first.id)?.client == nil)
    #expect(fixture.subscribers.ended(first.id)?.client == nil)
    #expect(fixture.subscribers.ids == [second.id])
  }

  @Test("A client that ends while it waits is withdrawn from the link")
  func withdrawal() throws {
    var fixture = SubscribersFixture()
    let waiting = try fixture.wait()
    #expect(fixture.subscribers.ended(waiting.id)?.withdrawn == waiting)
    let admitted = try fixture.wait()
    _ = fixture.subscribers.admitted(admitted)
    #expect(fixture.subscribers.ended(admitted.id)?.withdrawn == admitted)
    let opened = try fixture.wait()
    _ = fixture.opened(opened)
    let ended = fixture.subscribers.ended(opened.id)
    let departure = try #require(ended)
    #expect(departure.withdrawn == nil)
    #expect(departure.lastBytes(after: []) == [])
  }

  @Test("The status lists all clients, each with its address and user agent")
  func statuses() throws {
    var fixture = SubscribersFixture()
    _ = try fixture.request(
      "/subscribe/eps?hz=5", from: "2001:db8::1",
      fields: ["User-Agent: \(String(repeating: "x", count: 300))"])
    let status = try #require(fixture.subscribers.statuses.first)
    #expect(status.clientAddress == "2001:db8::1")
    #expect(status.createdAt == 784_111_777)
    #expect(status.userAgent == String(repeating: "x", count: 256))
    #expect(status.stream.namespace == "/eps")
  }
}
