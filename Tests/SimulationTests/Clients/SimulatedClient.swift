import Primitives

/// A check of the events of a client.
protocol EventChecker {
  /// The target of its next request.
  var target: String { get }
  /// Further header fields of the request, each with its CR LF.
  var fields: String { get }
  /// A connection begins.
  mutating func connected(_ connection: Int)
  /// An event arrived.
  mutating func received(_ event: StreamEvent, from audit: Audit)
  /// The world is quiet: the client must have received everything.
  func finished(_ audit: Audit)
}

/// A client that connects to an edge, reads at its own pace, leaves and returns, to the same edge or another.
final class SimulatedClient {
  /// The behaviour of a client.
  struct Manner {
    /// How often it stops reading, in percent of its timer's ticks.
    var stall = 0
    /// How often it leaves by itself, in the same unit.
    var leave = 0
    /// The longest pause in reading, in milliseconds.
    var stallMaximum = 3_000
    /// Whether it speaks TLS, over a connection of its own.
    var isSecure = false
    /// How many bytes may be in transit to it.
    var window = 8_192
    /// The browser that it is a page of, with HTTP/2; nil for a connection of its own, with HTTP/1.
    var browser: SimulatedBrowser?
  }

  let name: String
  private let network: Network
  private let world: World
  private let audit: Audit
  private unowned let edges: any NodeDirectory
  private let edgeNames: [String]
  private var manner: Manner
  private var checker: any EventChecker
  private let page: SimulatedPage
  private var end: (any ClientStream)?
  /// The connection over which its page closes streams.
  private var cleanupEnd: End<[UInt8]>?
  /// The rest of its handshake; nil without one, and once it is complete.
  private var handshake: ClientHandshake?
  private var reader = EventReader()
  private var isQuiet = false

  init(
    _ name: String, _ checker: any EventChecker, _ manner: Manner, network: Network, audit: Audit,
    directory: any NodeDirectory, edges names: [String]
  ) {
    self.name = name
    self.checker = checker
    self.manner = manner
    page = SimulatedPage(of: name, at: manner.browser?.name ?? name)
    self.network = network
    self.audit = audit
    edges = directory
    edgeNames = names
    world = network.world
    world.scheduler.after(world.milliseconds(0...4_000)) { [weak self] in self?.connect() }
    look()
  }

  private func connect() {
    guard let edge = world.pick(edgeNames) else { return }
    if let browser = manner.browser { return connect(to: edge, over: browser.connection(to: edge)) }
    let end: End<[UInt8]> = network.dial(from: name, to: edge, window: manner.window) { [weak self] in
      guard let self else { return nil }
      return edges.acceptor(of: edge, secure: manner.isSecure)
    }
    self.end = end
    handshake = nil
    reader = EventReader()
    end.onOpen = { [weak self, weak end] in
      guard let self, let end else { return }
      if manner.isSecure { beginHandshake(over: end) } else { request(over: end) }
    }
    end.onReceive = { [weak self, weak end] bytes in
      guard let self, let end else { return }
      if handshake == nil { received(bytes) } else { advanceHandshake(over: end) }
    }
    end.onClose = { [weak self] in self?.ended(because: $0) }
  }

  private func request(over end: End<[UInt8]>) {
    checker.connected(end.number)
    audit.connected(end.number, by: page)
    let target = page.target(checker.target)
    let fields = "Host: \(end.peer)\r\nAccept: text/event-stream\r\n\(checker.fields)"
    world.note(name, "connection \(end.number) to \(end.peer): GET \(target)")
    end.send(Array("GET \(target) HTTP/1.1\r\n\(fields)\r\n".utf8))
  }

  // MARK: The handshake

  private func beginHandshake(over end: End<[UInt8]>) {
    let handshake = ClientHandshake(isQuiet ? .completes : ClientHandshake.fate(in: world), in: world)
    self.handshake = handshake
    if handshake.fate == .completes { audit.handshakeBegan(over: end.number) }
    advanceHandshake(over: end)
  }

  private func advanceHandshake(over end: End<[UInt8]>) {
    switch handshake?.next() {
    case nil: break
    case .send(let flight): end.send([flight])
    case .complete(let flight):
      handshake = nil
      end.send([flight])
      request(over: end)
    case .stall: world.note(name, "stalls in its handshake over connection \(end.number)")
    case .vanish:
      end.sever(tellingUs: nil, tellingThem: nil)
      ended(because: "vanished in its handshake")
    case .fail: end.send([0])
    }
  }

  // MARK: A stream of HTTP/2

  private func connect(to edge: String, over connection: SharedConnection) {
    reader = EventReader(hasHead: false)
    let target = page.target(checker.target)
    let lines = checker.fields.split(separator: "\r\n")
    let fields = lines.map { line in
      let colon = line.firstIndex(of: ":") ?? line.endIndex
      return (
        name: line[..<colon].lowercased(), value: String(line[colon...].drop { ": ".contains($0) })
      )
    }
    let stream = connection.open(target, fields: [("accept", "text/event-stream")] + fields, host: edge)
    end = stream
    checker.connected(stream.number)
    audit.connected(stream.number, by: page)
    world.note(name, "stream \(stream.id) of connection \(connection.end.number) to \(edge): GET \(target)")
    stream.onReceive = { [weak self] in self?.received($0) }
    stream.onClose = { [weak self, weak connection] end in
      guard let self, let connection else { return }
      if end == .inOrder { endedInOrder(stream.number, isGoingAway: connection.isGoingAway) }
      ended(because: "\(end)")
    }
  }

  /// Checks that a stream of HTTP/2 ends with an event, and that a client that is to go elsewhere was told that first.
  private func endedInOrder(_ number: Int, isGoingAway: Bool) {
    if !reader.isAtBorder { world.violated("http2", "\(name)'s stream ended within an event") }
    if audit.isSentAway(number), !isGoingAway {
      world.violated("http2", "\(name) was released, and its connection was not")
    }
  }

  private func received(_ bytes: [UInt8]) {
    for event in reader.append(bytes) { checker.received(event, from: audit) }
    if reader.emptyBlockCount > 0 { world.violated("http", "\(name) got a block without data") }
    if reader.isMisframed { world.violated("http", "\(name) got a body that is cut where it may not be") }
    if reader.retryCount > 2 { world.violated("http", "\(name) was told its end twice") }
    if let line = reader.statusLine, line != "HTTP/1.1 200 OK" {
      world.violated("http", "\(name) was answered \(line)")
    }
  }

  private func ended(because reason: String) {
    guard let end else { return }
    world.note(name, "connection \(end.number) ended: \(reason)")
    audit.forget(end.number)
    self.end = nil
    world.scheduler.after(world.milliseconds(100...1_500)) { [weak self] in self?.connect() }
  }

  /// Its page closes its own streams of scores at an edge.
  func cleanUp(at edge: String) {
    let origin = manner.browser?.name ?? name
    let end: End<[UInt8]> = network.dial(from: origin, to: edge, window: 8_192) { [weak self] in
      self?.edges.acceptor(of: edge, secure: false)
    }
    cleanupEnd = end
    var answer: [UInt8] = []
    end.onOpen = { [page, weak end] in
      end?.send(
        Array("POST \(page.target("/subscribe/cleanup/scores")) HTTP/1.1\r\nHost: \(edge)\r\n\r\n".utf8))
    }
    end.onReceive = { [name, world, weak end] bytes in
      answer += bytes
      guard answer.last == UInt8(ascii: "}") else { return }
      let text = String(decoding: answer, as: UTF8.self)
      world.note(name, "its page closed its streams at \(edge): \(text.suffix(30))")
      if !text.hasPrefix("HTTP/1.1 200 OK\r\n") { world.violated("http", "\(name) was answered \(text)") }
      end?.close()
    }
  }

  /// A tick of the client's timer: the client may stall or leave.
  private func look() {
    world.scheduler.after(world.milliseconds(500...2_000)) { [weak self] in
      guard let self, !isQuiet else { return }
      if world.chance(manner.stall) { stall() }
      if world.chance(manner.leave) { leave() }
      look()
    }
  }

  private func stall() {
    guard let end, end.isReading else { return }
    audit.handshakeIsSlow(over: end.number)
    end.isReading = false
    world.scheduler.after(world.milliseconds(100...manner.stallMaximum)) { [weak end] in
      end?.isReading = true
    }
  }

  private func leave() {
    guard let end, end.isOpen, !end.isClosed else { return }
    audit.handshakeIsSlow(over: end.number)
    end.close()
    ended(because: "left by itself")
  }

  // MARK: The end of the run

  /// From now on it stays connected, and reads.
  func becomeQuiet() {
    isQuiet = true
    manner.stall = 0
    manner.leave = 0
    end?.isReading = true
  }

  func finished() {
    guard let end, end.isOpen else { return world.violated("stuck", "\(name) has no stream at the end") }
    guard audit.record(of: end.number) != nil else {
      return world.violated("stuck", "\(name) was let into no stream")
    }
    checker.finished(audit)
  }
}
