import EdgeCore
import HTTP
import Primitives
import Wire

/// One of an edge's workers: it does what `Worker` does, and drives the same machines.
final class SimulatedWorker {
  private static let sweepInterval = Duration.milliseconds(500)
  static let session = SessionOptions(offers: OfferedStreams(allDetails: true))
  private let opening: StreamResponseHead

  let number: Int
  unowned let edge: SimulatedEdge
  let world: World
  let mailbox: Mailbox<SimulatedWorkerMessage>
  let record = WorkerRecord()
  private(set) lazy var delivery = SimulatedDelivery(worker: self)
  private(set) var connections = SlotMap<HTTP1Connection, SimulatedSocket?>(vacant: nil)
  var subscribers: Subscribers
  // So few that handshakes wait for others.
  var handshakes = HandshakeQueue(countedMaximum: HandshakeAudit.countedMaximum)
  private(set) lazy var handshakeAlarm = Alarm(on: world.scheduler) { [weak self] in self?.advanceHandshakes()
  }
  let handshakeAudit: HandshakeAudit
  var deadlines = DeadlineQueue()
  private lazy var releaseAlarm = Alarm(on: world.scheduler) { [weak self] in self?.releaseDue() }
  private(set) var isAlive = true

  init(number: Int, edge: SimulatedEdge) {
    self.number = number
    self.edge = edge
    world = edge.world
    handshakeAudit = HandshakeAudit(edge.world, of: edge.name)
    opening = StreamResponseHead(
      fields: AnswerFields(allowOrigin: "*"), retry: .standard, isChunked: edge.options.framing == .chunked)
    subscribers = Subscribers(worker: number, terms: SubscriberTerms(retry: .standard), now: edge.world.now)
    mailbox = Mailbox(world: world)
    mailbox.handler = { [weak self] messages in messages.forEach { self?.received($0) } }
    sweep()
  }

  func accept(_ end: End<[UInt8]>, isSecure: Bool) {
    let id = connections.insert(nil)
    let socket = SimulatedSocket(
      id: id, end: end, address: SimulatedPage.address(of: end.peer), isSecure: isSecure)
    connections[id.slot] = socket
    end.onReceive = { [weak self, weak socket] bytes in
      guard let self, let socket else { return }
      received(bytes, from: socket)
    }
    end.onProgress = { [weak self, weak socket] in
      guard let self, let socket else { return }
      becameWritable(socket)
    }
    end.onClose = { [weak self, weak socket] reason in
      guard let self, let socket else { return }
      peerClosed(socket, reason)
    }
    begin(socket)
  }

  func kill() {
    isAlive = false
    for id in connections.ids {
      connections[id.slot]?.end.vanish()
      connections.remove(id)
    }
  }

  private func received(_ message: SimulatedWorkerMessage) {
    guard isAlive else { return }
    switch message {
    case .updates(let updates):
      updates.forEach(record.append)
      delivery.append(updates)
    case .opened(let opened, let bytes): for client in opened { open(client, with: bytes) }
    case .admitted(let admitted): for client in admitted { admit(client) }
    case .shed(let count, let window):
      subscribers.shed(count, over: window, now: world.now, using: &world.random)
      releaseDue()
    case .drain(let window):
      subscribers.drain(over: window, now: world.now, using: &world.random)
      releaseDue()
    case .finish(let window): finish(over: window)
    case .resume: if subscribers.resume() { releaseAlarm.set(nil) }
    case .close(let closing): close(closing)
    case .closed(let closing): answer(closing)
    }
  }

  // MARK: Requests

  private func received(_ bytes: [UInt8], from socket: SimulatedSocket) {
    guard !socket.isEstablished else { return read(bytes, from: socket) }
    socket.tls?.received(bytes)
    awaitHandshake(socket)
  }

  private func peerClosed(_ socket: SimulatedSocket, _ reason: String) {
    guard !socket.isEstablished else { return close(socket.id, .peerClosed) }
    guard reason == End<[UInt8]>.peerClosed else { return close(socket.id, .reset) }
    socket.tls?.peerClosedItsSide()
    awaitHandshake(socket)
  }

  func read(_ bytes: [UInt8], from socket: SimulatedSocket) {
    var index = 0
    let action = socket.http.bytesReceived(bytes.span, from: &index, options: Self.session)
    switch action {
    case .wait: break
    case .startStream(let subscription, let head): start(subscription, head, for: socket)
    case .cleanUp(let scope, let key?, _, let form):
      edge.close(.own(scope, address: socket.http.address, key: key), for: socket.id, form, at: self)
    case .send, .serve, .sendStreamHead, .cleanUp, .close:
      world.violated("model", "\(edge.name) answered a client's request by \(action)")
    }
  }

  private func start(_ subscription: Subscription, _ head: RequestHead, for socket: SimulatedSocket) {
    let kind = subscription.stream
    let request = SubscriptionRequest(
      subscription, head, over: ExchangeID(socket.id), from: socket.http.address, unixSeconds: nil)
    let action = subscribers.requested(
      request, opening: opening, now: world.now, using: &world.random, takePlace: edge.takePlace)
    switch action {
    case .reject(let response): reject(socket, response)
    case .join(let client, let opening):
      begin(kind, client, for: socket)
      join(client, opening: opening)
    case .await(let client):
      begin(kind, client.id, for: socket)
      edge.mailbox.post(.requested(client, subscription))
    }
  }

  private func begin(_ kind: StreamKind, _ client: ClientID, for socket: SimulatedSocket) {
    socket.http.subscribed(client)
    if kind.concernsLink { edge.mailbox.post(.joined(kind)) }
  }

  private func open(_ opened: OpeningClient, with bytes: SharedBytes?) {
    switch subscribers.opened(opened, hasAnswer: bytes != nil, using: &world.random) {
    case .none: break
    case .join(let client, let head):
      guard let subscriber = subscribers[client] else { break }
      join(client, opening: delivery.release(client.slot, subscriber.stream) + head, followedBy: bytes)
    case .release(let departure): sendLastBytes(departure, .overLimit)
    case .reject(let departure, let response):
      _ = leave(departure)
      if let socket = socket(of: departure.subscriber) { reject(socket, response) }
    }
  }

  private func admit(_ admitted: OpeningClient) {
    guard let head = subscribers.admitted(admitted), let subscriber = subscribers[admitted.id],
      let socket = socket(of: subscriber)
    else { return }
    world.happened(.admission)
    delivery.admit(socket, as: admitted.id.slot, subscriber.stream, opening: head)
  }

  private func join(_ client: ClientID, opening: [UInt8], followedBy answer: SharedBytes? = nil) {
    guard let subscriber = subscribers[client], let socket = socket(of: subscriber) else { return }
    edge.audit.joined(socket.end.number, subscriber.stream, record, of: edge.name)
    delivery.join(socket, as: client.slot, subscriber.stream, opening: opening, followedBy: answer)
  }

  private func socket(of subscriber: Subscriber) -> SimulatedSocket? {
    connections[subscriber.connection] ?? nil
  }

  // MARK: Writing

  private func becameWritable(_ socket: SimulatedSocket) {
    guard socket.isEstablished else { return awaitHandshake(socket) }
    guard socket.isShort else { return }
    socket.isShort = false
    if socket.http.isWriting { return writeOn(socket) }
    guard let client = socket.http.subscriber, let subscriber = subscribers[client] else { return }
    delivery.becameWritable(client.slot, subscriber.stream)
  }

  private func reject(_ socket: SimulatedSocket, _ response: Response) {
    world.happened(.refusal)
    socket.http.endStream(.overLimit)
    write(response.bytes(in: .last(with: Self.session.fields.shared), date: nil), to: socket)
  }

  private func write(_ bytes: [UInt8], to socket: SimulatedSocket) {
    socket.http.respond(bytes)
    writeOn(socket)
  }

  private func writeOn(_ socket: SimulatedSocket) {
    while !socket.isShort, let (bytes, start) = socket.http.nextWrite {
      guard let action = socket.http.wrote(socket.send(bytes, from: start)) else { continue }
      switch action {
      case .readOn: break
      case .finishWriting(let reason), .close(let reason): close(socket.id, reason)
      }
    }
  }

  // MARK: Leaving

  func close(_ id: ConnectionID, _ reason: CloseReason) {
    guard let socket = connections.remove(id) ?? nil else { return }
    handshakes.ended(id)
    handshakeAudit.ended(id)
    if reason == .handshakeFailed { edge.audit.handshakeFailed(over: socket.end.number, at: edge.name) }
    if let client = socket.http.subscriber, let departure = subscribers.ended(client) { _ = leave(departure) }
    if reason == .lagged { world.happened(.lagged) }
    if reason != .peerClosed { world.note(edge.name, "closes connection \(socket.end.number): \(reason)") }
    socket.end.close()
  }

  private func leave(_ departure: Departure) -> [UInt8] {
    let kind = departure.subscriber.stream
    let rest = delivery.release(departure.client.slot, kind)
    if let withdrawn = departure.withdrawn { edge.mailbox.post(.withdrawn(withdrawn)) }
    edge.leavePlace(departure.subscriber.address)
    if kind.concernsLink { edge.mailbox.post(.left(kind)) }
    return rest
  }

  private func sendLastBytes(_ departure: Departure, _ reason: CloseReason) {
    guard let socket = socket(of: departure.subscriber) else { return }
    edge.sendLastBytes(socket.end.number, reason)
    let bytes = departure.lastBytes(after: leave(departure))
    socket.http.endStream(reason)
    write(bytes, to: socket)
  }

  func releaseDue() {
    guard isAlive else { return }
    while let (departure, reason) = subscribers.nextReleased(now: world.now, using: &world.random) {
      sendLastBytes(departure, reason)
    }
    releaseAlarm.set(subscribers.releaseDeadline)
  }

  private func close(_ closing: Closing) {
    for client in subscribers.matching(closing.match) {
      guard let departure = subscribers.release(client, using: &world.random) else { continue }
      if let socket = socket(of: departure.subscriber) { edge.closed(socket.end.number, for: closing) }
      sendLastBytes(departure, .cleanedUp)
    }
    if closing.isComplete() { closing.origin.mailbox.post(.closed(closing)) }
  }

  private func answer(_ closing: Closing) {
    guard let socket = connections[closing.connection] ?? nil else { return }
    write(Response.cleanedUp(closing.count).bytes(in: closing.form, date: nil), to: socket)
  }

  private func sweep() {
    guard isAlive else { return }
    expireDeadlines()
    handshakeAudit.check()
    for (slot, reason) in delivery.sweep(every: Self.sweepInterval) {
      if let client = subscribers.id(at: slot), let subscriber = subscribers[client] {
        close(subscriber.connection, reason)
      }
    }
    world.scheduler.after(Self.sweepInterval) { [weak self] in self?.sweep() }
  }
}
