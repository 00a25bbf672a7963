import EdgeCore
import HTTP
import Logging
import Primitives
import Reactor
import Service
import TLS
import Uring

/// One of the edge's event loops: accepts clients, answers their requests, and delivers streams to them.
///
/// A turn handles what arrived: connections, requests, sockets that have room again, and the link's updates. Its end
/// writes (`WorkerDeliveries`). Workers share nothing but immutable bytes.
final class Worker: ReadinessHandler, TurnEndHandler, DeliveryOwner {
  /// How clients of one kind of listener are answered.
  struct Manner: Sendable {
    let session: SessionOptions
    let opening: StreamResponseHead
  }

  /// What all workers are started with.
  struct Configuration: Sendable {
    let node: String
    /// The most clients of the whole edge.
    let clientsMaximum: Int
    /// The most connections of the whole edge.
    let connectionsMaximum: Int
    /// The streaming clients of all workers.
    let register: SharedClientLimiter
    /// The settings in force. What is needed for every event is below instead, because each access is a lookup.
    let settings: EdgeSettings
    /// How requests to plain listeners are answered.
    let plain: Manner
    /// How requests to TLS listeners are answered.
    let secure: Manner
    /// How requests to listeners for the edge's state are answered.
    let status: Manner
    /// The operator's choices for subscribers.
    let subscribers: SubscriberTerms
    /// The limits of the deliveries.
    let delivery: DeliveryLimits

    /// The limits of HTTP/2 connections.
    var http2: HTTP2Limits {
      HTTP2Limits(headTimeout: settings.headTimeout, lagMaximum: delivery.lagMaximum)
    }

    /// How requests to a kind of listener are answered.
    func manner(of entrance: Entrance) -> Manner {
      switch entrance {
      case .plain: plain
      case .secure: secure
      case .status: status
      }
    }
  }

  /// The usual interval of a hub's flushes, used until a hub has reported its own. A flush should be written within
  /// it.
  static let tick = Duration.milliseconds(17)
  /// How long a client may take to read the end of its last response.
  static let lingerLimit = Duration.seconds(2)
  static let sweepInterval = Duration.milliseconds(500)
  /// How often clients get a comment that their data is stale.
  static let staleInterval = Duration.seconds(5)
  /// The most bytes that are read from one client in a turn.
  static let readBufferSize = 16 * 1024

  let index: Int
  private(set) var configuration: Configuration
  let loop: EventLoop
  let mailboxes: Mailboxes
  let logger: Logger
  let startedAt: Instant
  var random = SystemRandomNumberGenerator()
  /// The worker owns the sockets of the connections.
  var connections = SlotMap<HTTP1Connection, ClientConnection>(vacant: .vacant)
  /// The streaming clients, and what is decided about them.
  var subscribers: Subscribers
  /// The probe's sockets, if this worker serves it.
  var probe: SocketPair?
  private(set) lazy var http2 = HTTP2Group(configuration.http2) { [unowned self] in serveAtTurnEnd() }
  /// Sends to clients; nil if the kernel does not permit it, or if it is switched off.
  let ring: SendRing?
  var isUsingRing: Bool { ring.map { $0.failure == nil } ?? false }
  private(set) lazy var deliveries = WorkerDeliveries(
    configuration.delivery, ring: ring, http2: http2, loop: loop, owner: self)
  var handshakes = HandshakeQueue()
  var deadlines = DeadlineQueue()
  var health = LinkHealth()
  var totals = WorkerCounters()
  var longestTurn = Duration.zero
  private var staleAnnouncedAt: Instant?
  var releaseTimer: Deadline?
  var handshakeTimer: Deadline?
  private(set) var listeners: [Listener] = []
  /// The listeners for the edge's state, which serve until the worker has finished.
  private(set) var statusListeners: [Listener] = []
  private var turnIsScheduled = false
  var readBuffer = [UInt8](repeating: 0, count: readBufferSize)

  init(
    index: Int, configuration: Configuration, mailboxes: Mailboxes, loop: EventLoop, logger: Logger
  ) throws(SystemError) {
    self.index = index
    self.configuration = configuration
    self.mailboxes = mailboxes
    self.loop = loop
    self.logger = logger
    startedAt = loop.now
    ring = configuration.settings.usesRing ? try? SendRing() : nil
    subscribers = Subscribers(worker: index, terms: configuration.subscribers, now: loop.now)
    releaseTimer = Deadline(on: loop) { [weak self] in self?.releaseDue() }
    handshakeTimer = Deadline(on: loop) { [weak self] in self?.serveAtTurnEnd() }
    try loop.receive(from: mailboxes.workers[index]) { [weak self] messages in
      for message in messages { self?.received(message) }
    }
    sweep()
  }

  /// Begins to accept clients from a listening socket.
  func listen(on socket: ListeningSocket, _ listenerOptions: ListenerOptions) throws(SystemError) {
    let listener = try Listener(
      socket, on: loop,
      accepted: { [weak self] descriptor, address in
        self?.accepted(descriptor, from: address, listenerOptions)
      },
      acceptFailed: { [logger] error in
        logger.error("no client can be accepted; trying again shortly", metadata: ["reason": "\(error)"])
      })
    if listenerOptions.isForStatus { statusListeners.append(listener) } else { listeners.append(listener) }
  }

  // MARK: Messages

  private func received(_ message: WorkerMessage) {
    switch message {
    case .updates(let updates, let hubFlushedAt):
      deliveries.append(updates, hubFlushedAt: hubFlushedAt)
    case .opened(let clients, let answer): opened(clients, with: answer)
    case .admitted(let clients): admitted(clients)
    case .linkHealth(let health): linkIsDoing(health)
    case .contribute(let collection):
      if collection.add(part(for: collection)) { mailboxes.finish(collection) }
    case .collected(let collection): servePage(from: collection)
    case .shed(let count, let window):
      subscribers.shed(count, over: window, now: loop.now, using: &random)
      releaseDue()
    case .closeSlowest(let share): closeSlowest(share)
    case .announced: subscribers.drainAnnounced()
    case .drain(let window): drain(over: window)
    case .finish(let window): finish(over: window)
    case .resume: resume()
    case .configure(let configuration): configure(configuration)
    case .shutDown: shutDown()
    }
  }

  private func linkIsDoing(_ health: LinkHealth) {
    let isTickChanged = self.health.tickInterval != health.tickInterval && health.tickInterval > .zero
    self.health = health
    guard isTickChanged else { return }
    deliveries.tickChanged(to: health.tickInterval)
  }

  /// Applies settings that changed at run time. Streams and connections that have begun keep their limits.
  private func configure(_ configuration: Configuration) {
    self.configuration = configuration
    deliveries.configure(configuration.delivery)
    http2.limits = configuration.http2
    subscribers.configure(configuration.subscribers, now: loop.now, using: &random)
  }

  func deliveryIsDue() {
    serveAtTurnEnd()
  }

  /// Makes the loop call ``turnEnded()`` once in this turn.
  func serveAtTurnEnd() {
    guard !turnIsScheduled else { return }
    turnIsScheduled = true
    loop.callAtTurnEnd(self)
  }

  func deliveryFailed(_ slot: Int32) {
    giveUp(slot, .reset)
  }

  func turnEnded() {
    turnIsScheduled = false
    deliveries.turnEnded()
    http2.flush()
    endSettled()
    advanceHandshakes()
  }

  // MARK: Time

  private func sweep() {
    let now = loop.now
    expireDeadlines(at: now)
    timePassed(at: now)
    refreshDue()
    announceStaleness(at: now)
    for (slot, reason) in deliveries.timePassed(every: Self.sweepInterval) { giveUp(slot, reason) }
    loop.schedule(at: now.advanced(by: Self.sweepInterval)) { [weak self] in self?.sweep() }
  }

  /// A comment, because it raises no event in a client.
  private func announceStaleness(at now: Instant) {
    guard let since = health.staleSince else {
      staleAnnouncedAt = nil
      return
    }
    guard (staleAnnouncedAt ?? since).advanced(by: Self.staleInterval) <= now else { return }
    staleAnnouncedAt = now
    var comment: [UInt8] = []
    EventStream.append(comment: "stale \(since.duration(to: now).components.seconds)s", to: &comment)
    deliveries.append(comment: comment)
  }
}
