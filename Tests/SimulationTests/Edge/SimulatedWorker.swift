import EdgeCore
import HTTP
import HTTP2
import Primitives
import Wire

/// One of an edge's workers: it does what `Worker` does, and drives the same machines.
final class SimulatedWorker {
  static let sweepInterval = Duration.milliseconds(500)
  static let session = SessionOptions(offers: OfferedStreams(allDetails: true))
  let opening: StreamResponseHead

  let number: Int
  unowned let edge: SimulatedEdge
  let world: World
  let mailbox: Mailbox<SimulatedWorkerMessage>
  let record = WorkerRecord()
  private(set) lazy var delivery = SimulatedDelivery(worker: self)
  private(set) lazy var http2 = HTTP2Group(
    HTTP2Limits(headTimeout: .seconds(10), lagMaximum: edge.options.lagMaximum),
    becameDue: { [weak self] in self?.writeSoon() })
  var isWriteScheduled = false
  var connections = SlotMap<HTTP1Connection, SimulatedSocket?>(vacant: nil)
  var subscribers: Subscribers
  // So few that handshakes wait for others.
  var handshakes = HandshakeQueue(countedMaximum: HandshakeAudit.countedMaximum)
  private(set) lazy var handshakeAlarm = Alarm(on: world.scheduler) { [weak self] in self?.advanceHandshakes()
  }
  let handshakeAudit: HandshakeAudit
  var deadlines = DeadlineQueue()
  lazy var releaseAlarm = Alarm(on: world.scheduler) { [weak self] in self?.releaseDue() }
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
      connections[id.slot]?.http2?.closed()
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
      for connection in http2Connections { connection.goAway() }
      subscribers.drain(over: window, now: world.now, using: &world.random)
      releaseDue()
    case .finish(let window): finish(over: window)
    case .resume: if subscribers.resume() { releaseAlarm.set(nil) }
    case .close(let closing): close(closing)
    case .closed(let closing): answer(closing)
    }
  }

  // MARK: Requests

  func read(_ bytes: [UInt8], from socket: SimulatedSocket) {
    if let connection = socket.http2 { return take(bytes, from: 0, for: connection, over: socket) }
    if socket.preface == nil { take(bytes, from: socket) } else { detectProtocol(bytes, from: socket) }
  }

  func take(_ bytes: [UInt8], from socket: SimulatedSocket) {
    var index = 0
    let action = socket.http.bytesReceived(bytes.span, from: &index, options: Self.session)
    perform(action, for: ExchangeID(socket.id), over: socket)
  }

  func perform(
    _ action: ClientSession.BytesReceivedAction, for exchange: ExchangeID, over socket: SimulatedSocket
  ) {
    switch action {
    case .wait: break
    case .startStream(let subscription, let head): start(subscription, head, for: exchange, over: socket)
    case .cleanUp(let scope, let key?, _, let form):
      edge.close(.own(scope, address: socket.http.address, key: key), for: socket.id, form, at: self)
    case .send, .serve, .sendStreamHead, .cleanUp, .close:
      world.violated("model", "\(edge.name) answered a client's request by \(action)")
    }
  }

  private func start(
    _ subscription: Subscription, _ head: RequestHead, for exchange: ExchangeID, over socket: SimulatedSocket
  ) {
    let kind = subscription.stream
    let request = SubscriptionRequest(
      subscription, head, over: exchange, from: socket.http.address, unixSeconds: nil)
    let action = subscribers.requested(
      request, opening: opening, now: world.now, using: &world.random, takePlace: edge.takePlace)
    switch action {
    case .reject(let response): reject(exchange, over: socket, response)
    case .join(let client, let opening):
      begin(kind, client, for: exchange, over: socket)
      join(client, opening: opening)
    case .await(let client):
      begin(kind, client.id, for: exchange, over: socket)
      edge.mailbox.post(.requested(client, subscription))
    }
  }

  private func begin(
    _ kind: StreamKind, _ client: ClientID, for exchange: ExchangeID, over socket: SimulatedSocket
  ) {
    if let connection = socket.http2 {
      connection.streams[exchange.stream]?.subscriber = client
    } else {
      socket.http.subscribed(client)
    }
    if kind.concernsLink { edge.mailbox.post(.joined(kind)) }
  }

  private func open(_ opened: OpeningClient, with bytes: SharedBytes?) {
    switch subscribers.opened(opened, hasAnswer: bytes != nil, using: &world.random) {
    case .none: break
    case .join(let client, let head):
      guard let subscriber = subscribers[client] else { break }
      join(client, opening: delivery.release(client.slot, subscriber) + head, followedBy: bytes)
    case .release(let departure): sendLastBytes(departure, .overLimit)
    case .reject(let departure, let response):
      _ = leave(departure)
      if let socket = socket(of: departure.subscriber) {
        reject(departure.subscriber.exchange, over: socket, response)
      }
    }
  }

  private func admit(_ admitted: OpeningClient) {
    guard let head = subscribers.admitted(admitted), let subscriber = subscribers[admitted.id],
      let channel = channel(of: subscriber)
    else { return }
    world.happened(.admission)
    delivery.admit(channel, as: admitted.id.slot, subscriber, opening: head)
  }

  private func join(_ client: ClientID, opening: [UInt8], followedBy answer: SharedBytes? = nil) {
    guard let subscriber = subscribers[client], let socket = socket(of: subscriber),
      let channel = channel(of: subscriber)
    else { return }
    edge.audit.joined(
      socket.number(of: subscriber.exchange), subscriber.stream, record, of: edge.name)
    delivery.join(channel, as: client.slot, subscriber, opening: opening, followedBy: answer)
  }

  /// The way to a subscriber, after the head of its answer.
  private func channel(of subscriber: Subscriber) -> SimulatedChannel? {
    guard let socket = socket(of: subscriber) else { return nil }
    guard let connection = socket.http2 else { return .socket(socket) }
    return connection.streams[subscriber.exchange.stream].map { stream in
      beginAnswer(on: stream)
      return .stream(stream)
    }
  }

  func socket(of subscriber: Subscriber) -> SimulatedSocket? {
    connections[subscriber.connection] ?? nil
  }

  // MARK: Writing

  private func becameWritable(_ socket: SimulatedSocket) {
    guard socket.isEstablished else { return awaitHandshake(socket) }
    guard socket.isShort else { return }
    socket.isShort = false
    if let connection = socket.http2 { return becameWritable(connection, over: socket) }
    if socket.http.isWriting { return writeOn(socket) }
    guard let client = socket.http.subscriber, let subscriber = subscribers[client] else { return }
    delivery.becameWritable(client.slot, subscriber)
  }

  private func reject(_ exchange: ExchangeID, over socket: SimulatedSocket, _ response: Response) {
    world.happened(.refusal)
    if let connection = socket.http2 { return reject(exchange.stream, of: connection, response) }
    socket.http.endStream(.overLimit)
    write(response.bytes(in: .last(with: Self.session.fields.shared), date: nil), to: socket)
  }

  func write(_ bytes: [UInt8], to socket: SimulatedSocket) {
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
}
