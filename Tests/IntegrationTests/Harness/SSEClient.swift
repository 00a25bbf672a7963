import Foundation
import Primitives
import Reactor
import Synchronization
import TestSupport
import Testing

/// A client of one stream. Its bytes are read on the thread of ``ClientLoop``.
final class SSEClient: Sendable {
  private struct State {
    var socket: BlockingSocket?
    var bytes: [UInt8] = []
    var endedAt: Instant?
    // The results of parsing the bytes so far, on demand.
    var head: String?
    var parsed = 0
    var body = StreamBody()
    var parser = EventStreamParser()
    var events: [ServerSentEvent] = []
    var summed = 0
    var receivedAt: Instant?
    var longestPause = Duration.zero
    var sums: [ScoreID: UInt64] = [:]
    var eventTimes: [Instant] = []
  }

  private static let count = Atomic(0)

  let number: Int
  let path: String
  private let timesEvents: Bool
  private let state: Mutex<State>

  /// Asks for a stream, and waits for its first bytes: from then on nothing may be missed.
  convenience init(
    _ path: String, at address: SocketAddress, receiveBufferSize: Int32? = nil, fields: String = "",
    waits: Bool = true
  ) throws {
    try self.init(
      path, by: Approach(address: address, receiveBufferSize: receiveBufferSize), fields: fields, waits: waits
    )
  }

  /// Asks for a stream, in its own way of connecting.
  ///
  /// - Parameter timesEvents: whether to record when each event arrived. Then chunks may end anywhere, as those of
  ///   proxies do.
  convenience init(
    _ path: String, by approach: Approach, fields: String = "", waits: Bool = true,
    timesEvents: Bool = false
  ) throws {
    try self.init(
      path, on: BlockingSocket(approach), fields: fields, waits: waits, timesEvents: timesEvents)
  }

  /// Asks for a stream on an open connection.
  init(
    _ path: String, on socket: BlockingSocket, fields: String = "", waits: Bool = true,
    timesEvents: Bool = false
  ) throws {
    number = Self.count.add(1, ordering: .relaxed).newValue
    self.path = path
    self.timesEvents = timesEvents
    try socket.send(Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n".utf8))
    state = Mutex(State())
    state.withLock { $0.socket = socket }
    try ClientLoop.shared().post(.read(self))
    if waits { try waitForBeginning() }
  }

  /// Waits for the response head and the `retry:` after it.
  func waitForBeginning() throws {
    try wait(for: "the beginning of \(path)") { !retries.isEmpty || isEnded }
  }

  /// Stops reading, like a browser on a busy machine.
  func pause() throws { try ClientLoop.shared().post(.pause(self)) }

  func resume() throws { try ClientLoop.shared().post(.read(self)) }

  /// Closes the connection.
  func close() {
    (try? ClientLoop.shared())?.post(.close(self))
  }

  // MARK: For the loop

  var socket: BlockingSocket? { state.withLock { $0.socket } }

  func releaseSocket() { state.withLock { $0.socket = nil } }

  func received(_ bytes: ArraySlice<UInt8>) {
    let now = MonotonicClock.now()
    state.withLock { state in
      state.bytes += bytes
      if let before = state.receivedAt {
        state.longestPause = max(state.longestPause, before.duration(to: now))
      }
      state.receivedAt = now
      guard timesEvents else { return }
      parse(&state)
      while state.eventTimes.count < state.events.count { state.eventTimes.append(now) }
    }
  }

  func ended() { state.withLock { $0.endedAt = MonotonicClock.now() } }

  // MARK: Results

  /// The longest time without bytes since the last call.
  func takeLongestPause() -> Duration {
    state.withLock { state in
      defer { state.longestPause = .zero }
      return state.longestPause
    }
  }

  /// Whether the peer has ended the stream.
  var isEnded: Bool { endedAt != nil }

  /// When the peer ended the stream.
  var endedAt: Instant? { state.withLock { $0.endedAt } }

  /// The response head, without the empty line; nil until it has arrived.
  var head: String? { parsed { $0.head } }

  /// All events so far, without places that have no growth: those show in ``lastEventID``.
  var events: [ServerSentEvent] { parsed { $0.events } }

  /// When each event arrived; empty unless times are recorded.
  var eventTimes: [Instant] { parsed { $0.eventTimes } }

  /// How many events came so far.
  var eventCount: Int { parsed { $0.events.count } }

  /// The `Last-Event-ID` for the next connection; empty without an id.
  var lastEventID: String { parsed { $0.parser.lastEventID } }

  /// The reconnection times so far.
  var retries: [Int] { parsed { $0.parser.retries } }

  /// How many comments came.
  var commentCount: Int { parsed { $0.parser.commentCount } }

  /// The names of fields that are not in the standard.
  var unknownFields: [String] { parsed { $0.parser.unknownFields } }

  /// Whether the bytes so far end between two events.
  var isAtBorder: Bool { parsed { $0.parser.isAtBorder } }

  /// The body so far.
  var body: [UInt8] { parsed { $0.body.bytes } }

  /// Whether the body is complete, with its last chunk, and was not cut off.
  var isComplete: Bool { parsed { $0.body.isComplete } }

  /// The number of bytes so far, including the head.
  var byteCount: Int { state.withLock { $0.bytes.count } }

  /// The sums of the events of `eps`, by id.
  var sums: [ScoreID: UInt64] {
    parsed { state in
      for event in state.events[state.summed...] {
        guard let growth = readScores(event.data) else { continue }
        for (id, amount) in growth { state.sums[id, default: 0] += amount }
      }
      state.summed = state.events.count
      return state.sums
    }
  }

  /// The sum over all ids.
  var sum: UInt64 { sums.values.reduce(0, +) }

  private static let headEnd = Array("\r\n\r\n".utf8)

  private func parsed<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    state.withLock { state in
      parse(&state)
      if state.parser.emptyBlockCount > 0, !isErrorPage(state) {
        Issue.record("a block without data in \(path)")
      }
      if state.body.isMisframed, !timesEvents {
        Issue.record("a chunk of \(path) that ends where it may not")
      }
      return body(&state)
    }
  }

  /// Whether the answer comes from a proxy itself.
  private func isErrorPage(_ state: State) -> Bool {
    timesEvents && state.head?.lowercased().contains("text/event-stream") != true
  }

  private func parse(_ state: inout State) {
    if state.head == nil, let end = state.bytes.firstRange(of: Self.headEnd) {
      state.head = String(decoding: state.bytes[..<end.lowerBound], as: UTF8.self)
      state.parsed = end.upperBound
      state.body = StreamBody(head: state.head ?? "", isOurs: !timesEvents)
    }
    guard state.head != nil else { return }
    let before = state.body.bytes.count
    state.body.append(state.bytes[state.parsed...])
    state.parser.append(state.body.bytes[before...])
    state.events += state.parser.takeEvents().filter { $0.name != "position" }
    state.parsed = state.bytes.count
  }
}
