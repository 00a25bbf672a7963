import Primitives
import Reactor
import Synchronization
import TestSupport

/// Clients of `eps` that reconnect by themselves, like an EventSource, and check their accounts.
///
/// All of them are on one loop. A client that loses its connection goes to the next edge of its list after a jittered
/// pause.
final class SummingClients: Sendable {
  /// The behaviour of one client.
  struct Habit: Sendable {
    var form = GrowthLedger.Form.resuming
    /// Its edges in order; it starts at the first one.
    var edges: [SocketAddress]
    /// The number of events a second that it asks for; nil for the default.
    var rate: Int?
    /// After how long it disconnects by itself, to reconnect elsewhere; nil for a client that stays.
    var restlessness: Range<Duration>?
  }

  /// What is known about one client.
  struct Record: Sendable {
    let habit: Habit
    var ledger: GrowthLedger
    var pauses: PauseWatch
    /// The number of connections to an edge that answered.
    var connectionCount = 0
    /// The answers that were no streams, by their status line.
    var refusals: [String: Int] = [:]
    /// How often a draining edge rejected it.
    var turnedAwayCount = 0
  }

  private enum Command { case stop }

  /// How often the clients' thread reports that it runs.
  private static let beatInterval = Duration.milliseconds(5)

  private let records: Mutex<[Record]>
  private let beats = Mutex(PauseWatch(now: MonotonicClock.now()))
  private let mailbox: Mailbox<Command>

  /// Starts the clients, and waits until each has its first bytes: from then on nothing may be missed.
  init(_ habits: [Habit], seed: UInt64) throws {
    records = Mutex(
      habits.map {
        Record(habit: $0, ledger: GrowthLedger($0.form), pauses: PauseWatch(now: MonotonicClock.now()))
      })
    mailbox = try Mailbox()
    try LoopThread.start("test-summing") { [self] in
      do {
        let loop = try EventLoop()
        var random = SeededGenerator(seed: seed)
        let clients = habits.enumerated().map { index, habit in
          SummingClient(habit, on: loop, seed: random.next()) { [self] body in
            records.withLock { body(&$0[index]) }
          }
        }
        try loop.receive(from: mailbox) { _ in loop.stop() }
        for client in clients { client.connect() }
        beat(on: loop)
        withExtendedLifetime(clients) { loop.run() }
      } catch {
        preconditionFailure("the summing clients' loop cannot start: \(error)")
      }
    }
    try wait(for: "the summing clients") { all.allSatisfy { $0.connectionCount > 0 } }
  }

  deinit { mailbox.post(.stop) }

  private func beat(on loop: EventLoop) {
    beats.withLock { $0.heard(at: MonotonicClock.now()) }
    loop.schedule(at: loop.now.advanced(by: Self.beatInterval)) { [weak self] in self?.beat(on: loop) }
  }

  /// The records of all clients, in their order.
  var all: [Record] { records.withLock { $0 } }

  /// The longest pause of each client since the last call.
  func takeLongestPauses() -> [Duration] {
    let now = MonotonicClock.now()
    return records.withLock { records in
      records.indices.map { records[$0].pauses.takeLongest(now: now) }
    }
  }

  /// For how long at most the clients' own thread did not run, since the last call. Then they could not read, whatever
  /// was sent to them.
  func takeLongestStall() -> Duration { beats.withLock { $0.takeLongest(now: MonotonicClock.now()) } }

  /// Stops all clients. Their records stay.
  func stop() { mailbox.post(.stop) }
}

/// One client, on the loop.
private final class SummingClient: ReadinessHandler {
  /// A longer head is an error.
  private static let headLimit = 8_192

  private let habit: SummingClients.Habit
  private let loop: EventLoop
  /// Changes the client's record.
  private let record: ((inout SummingClients.Record) -> Void) -> Void
  private var random: SeededGenerator

  private var descriptor: FileDescriptor?
  private var registration: EventLoop.Registration?
  private var timer: Deadline?
  private var nextEdge = 0
  private var isConnecting = false
  private var head: [UInt8]? = []
  private var parser = EventStreamParser()
  private var body = StreamBody()
  private var token = ""
  private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  init(
    _ habit: SummingClients.Habit, on loop: EventLoop, seed: UInt64,
    record: @escaping ((inout SummingClients.Record) -> Void) -> Void
  ) {
    self.habit = habit
    self.loop = loop
    self.record = record
    random = SeededGenerator(seed: seed)
    timer = Deadline(on: loop) { [unowned self] in
      if descriptor == nil { connect() } else { hangUp() }
    }
  }

  /// Connects to the next edge.
  func connect() {
    head = []
    parser = EventStreamParser()
    let edge = habit.edges[nextEdge % habit.edges.count]
    nextEdge += 1
    do {
      let new = try Socket.make(for: edge)
      try Socket.connect(new.number, to: edge)
      registration = try loop.register(new.number, for: .writable, handler: self)
      descriptor = consume new
      isConnecting = true
    } catch {
      comeBackLater()
    }
  }

  func descriptorReady(_ readiness: Readiness, token: Int) {
    guard let number = descriptor?.number else { return }
    if isConnecting { return connected(number) }
    switch unsafe buffer.withUnsafeMutableBytes({ unsafe Socket.receive(number, into: $0) }) {
    case .moved(let count): received(buffer[..<count])
    case .wouldBlock: break
    case .ended, .failed: hangUp()
    }
  }

  private func connected(_ number: Int32) {
    isConnecting = false
    guard Socket.pendingError(of: number) == nil, let registration,
      case .moved = Socket.send(number, Array(request.utf8))
    else { return hangUp() }
    loop.modify(registration, of: number, for: .readable)
    if let restlessness = habit.restlessness {
      timer?.set(loop.now.advanced(by: duration(in: restlessness)))
    }
  }

  /// The token is in the header or in the query, at random.
  private var request: String {
    var options = habit.rate.map { ["hz=\($0)"] } ?? []
    var field = ""
    if habit.form == .resuming { options += ["resume=1", "snapshot=1"] }
    if !token.isEmpty, Bool.random(using: &random) {
      options.append("last_event_id=\(token)")
    } else if !token.isEmpty {
      field = "Last-Event-ID: \(token)\r\n"
    }
    let query = options.isEmpty ? "" : "?" + options.joined(separator: "&")
    return "GET /subscribe/eps\(query) HTTP/1.1\r\nHost: relay\r\nAccept: text/event-stream\r\n\(field)\r\n"
  }

  private func received(_ bytes: ArraySlice<UInt8>) {
    guard head != nil else { return receivedBody(bytes) }
    head? += bytes
    guard let all = head, let end = all.firstRange(of: Array("\r\n\r\n".utf8)) else {
      return (head?.count ?? 0) > Self.headLimit ? refused("a head without end") : ()
    }
    let text = String(decoding: all[..<end.lowerBound], as: UTF8.self)
    let lines = text.split(separator: "\r\n")
    guard lines.first == "HTTP/1.1 200 OK" else { return refused(lines.first.map(String.init) ?? "") }
    // Only an answer that ends has a length.
    guard !lines.contains(where: { $0.hasPrefix("Content-Length:") }) else {
      record { $0.turnedAwayCount += 1 }
      return hangUp()
    }
    head = nil
    body = StreamBody(head: text)
    record { $0.ledger.connectionOpened() }
    receivedBody(all[end.upperBound...])
  }

  private func receivedBody(_ bytes: ArraySlice<UInt8>) {
    let isFirst = parser.retries.isEmpty
    let before = body.bytes.count
    body.append(bytes)
    parser.append(body.bytes[before...])
    let events = parser.takeEvents()
    let hasBegun = isFirst && !parser.retries.isEmpty
    record { record in
      if hasBegun { record.connectionCount += 1 }
      for event in events {
        record.ledger.received(event)
        record.pauses.heard(at: loop.now)
      }
      record.ledger.looked(emptyBlocks: parser.emptyBlockCount, isMisframed: body.isMisframed)
    }
    if !parser.lastEventID.isEmpty { token = parser.lastEventID }
  }

  private func refused(_ reason: String) {
    record { $0.refusals[reason, default: 0] += 1 }
    hangUp()
  }

  private func hangUp() {
    if let registration, let number = descriptor?.number { loop.deregister(registration, of: number) }
    registration = nil
    descriptor = nil
    isConnecting = false
    comeBackLater()
  }

  private func comeBackLater() {
    timer?.set(loop.now.advanced(by: duration(in: .milliseconds(20) ..< .milliseconds(120))))
  }

  private func duration(in range: Range<Duration>) -> Duration {
    let bounds = range.lowerBound.wholeMilliseconds..<range.upperBound.wholeMilliseconds
    return .milliseconds(Int64.random(in: bounds, using: &random))
  }
}
