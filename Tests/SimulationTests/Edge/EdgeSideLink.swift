import EdgeCore
import Primitives
import Wire

/// The connection of an edge to one hub: it does what `HubConnection` does.
final class EdgeSideLink {
  /// The hub's index.
  let index: Int
  let hub: String
  private unowned let edge: SimulatedEdge
  private(set) var machine: HubLink
  private var decoder = FrameDecoder(from: .hub)
  private(set) var end: End<[UInt8]>?
  private lazy var alarm = Alarm(on: edge.world.scheduler) { [weak self] in self?.timerFired() }

  init(_ index: Int, to hub: String, node: NodeName, version: SoftwareVersion, edge: SimulatedEdge) {
    self.index = index
    self.hub = hub
    self.edge = edge
    machine = HubLink(node: node, softwareVersion: version, now: edge.world.now)
    alarm.set(machine.deadline)
  }

  private var now: Instant { edge.world.now }
  private(set) var isFresh = false

  func send(_ message: Message) {
    var writer = ByteWriter()
    message.encode(into: &writer)
    end?.send(writer.bytes)
  }

  /// Sends the edge's interest, and asks the hub to confirm it.
  func send(_ interest: [Interest]) {
    guard !interest.isEmpty else { return }
    for message in interest { send(.interest(message)) }
    if let ping = machine.interestSent(now: now) { send(.ping(ping)) }
  }

  /// Checks whether the hub has been silent for too long to count as fresh.
  func updateHealth() {
    guard machine.isFresh(at: now) != isFresh else { return }
    isFresh.toggle()
    edge.freshnessChanged(of: self)
  }

  /// The process has died.
  func vanish() {
    alarm.set(nil)
    end?.vanish()
    end = nil
  }

  // MARK: The machine's actions

  private func timerFired() {
    switch machine.timerTriggered(now: now) {
    case .none: break
    case .connect: connect()
    case .send(let ping, let reportIsDue):
      if let ping { send(.ping(ping)) }
      if reportIsDue { send(.report(edge.report)) }
    case .disconnect(let reason): disconnect(because: reason)
    }
    alarm.set(machine.deadline)
  }

  private func connect() {
    let end: End<[UInt8]> = edge.network.dial(from: edge.name, to: hub, window: edge.options.linkWindow) {
      [weak edge, hub] in edge?.nodes.acceptor(of: hub, secure: false)
    }
    self.end = end
    end.onOpen = { [weak self] in self?.opened() }
    end.onReceive = { [weak self] in self?.received($0) }
    end.onClose = { [weak self] in self?.ended(because: $0) }
  }

  private func opened() {
    decoder = FrameDecoder(from: .hub)
    let mirror = edge.stream.renderer.mirror
    send(.hello(machine.connectionOpened(lineage: mirror.lineage, position: mirror.position, now: now)))
    alarm.set(machine.deadline)
  }

  private func disconnect(because reason: String) {
    end?.close()
    ended(because: reason)
  }

  private func ended(because reason: String) {
    end = nil
    _ = machine.connectionClosed(now: now, random: &edge.world.random)
    alarm.set(machine.deadline)
    edge.linkEnded(self, because: reason)
    updateHealth()
  }

  private func received(_ bytes: [UInt8]) {
    let connection = end
    decoder.append(bytes.span)
    do throws(WireError) {
      while connection === end, let message = try decoder.next() { handle(message) }
    } catch {
      edge.world.violated("protocol", "\(edge.name) refused what \(hub) sent: \(error)")
    }
    edge.scheduleTurnEnd()
  }

  private func handle(_ message: Message) {
    switch machine.messageReceived(message, now: now) {
    case .none, .perform, .takeTicketKeys: break
    case .begin:
      edge.linkBegan(self)
      send(.report(edge.report))
    case .confirmInterest: edge.confirmedInterest(self)
    case .reply(let pong): send(.pong(pong))
    case .deliver: edge.deliver(message, from: self)
    case .disconnect(let reason): disconnect(because: reason)
    }
    alarm.set(machine.deadline)
    updateHealth()
  }
}
