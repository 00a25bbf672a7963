import EdgeCore
import HTTP
import Primitives
import Wire

/// What a worker is told by the link's thread.
enum SimulatedWorkerMessage {
  case updates([StreamUpdate])
  case opened([OpeningClient], SharedBytes?)
  case admitted([OpeningClient])
}

/// One of an edge's workers: what `Worker` does for a client, from its request to its end.
final class SimulatedWorker {
  private static let sweepInterval = Duration.milliseconds(500)
  private static let session = SessionOptions(offers: OfferedStreams(allDetails: true))
  private let opening: StreamOpening

  let number: Int
  unowned let edge: SimulatedEdge
  let world: World
  let mailbox: Mailbox<SimulatedWorkerMessage>
  let record = WorkerRecord()
  private(set) lazy var delivery = SimulatedDelivery(worker: self)
  private var clients = SlotMap<ClientSession, SimulatedSocket?>(vacant: nil)
  private var isAlive = true

  init(number: Int, edge: SimulatedEdge) {
    self.number = number
    self.edge = edge
    world = edge.world
    opening = StreamOpening(
      fields: AnswerFields(allowOrigin: "*"), retry: .standard, isChunked: edge.options.framing == .chunked)
    mailbox = Mailbox(world: world)
    mailbox.handler = { [weak self] messages in messages.forEach { self?.received($0) } }
    sweep()
  }

  func accept(_ end: End<[UInt8]>) {
    let id = clients.insert(nil)
    let client = SimulatedSocket(id: id, end: end)
    clients[id.slot] = client
    end.onReceive = { [weak self, weak client] bytes in
      guard let self, let client else { return }
      read(bytes, from: client)
    }
    end.onProgress = { [weak self, weak client] in
      guard let self, let client else { return }
      becameWritable(client)
    }
    end.onClose = { [weak self, weak client] _ in
      guard let self, let client else { return }
      close(client.id, .peerClosed)
    }
  }

  func kill() {
    isAlive = false
    for id in clients.ids {
      clients[id.slot]?.end.vanish()
      clients.remove(id)
    }
  }

  private func received(_ message: SimulatedWorkerMessage) {
    guard isAlive else { return }
    switch message {
    case .updates(let updates):
      updates.forEach(record.append)
      delivery.append(updates)
    case .opened(let opened, let bytes):
      for client in opened.compactMap({ clients[$0.id] ?? nil }) { open(client, with: bytes) }
    case .admitted(let admitted):
      for client in admitted.compactMap({ clients[$0.id] ?? nil }) { admit(client) }
    }
  }

  // MARK: Clients

  private func read(_ bytes: [UInt8], from client: SimulatedSocket) {
    var index = 0
    let action = client.session.bytesReceived(bytes.span, from: &index, options: Self.session)
    switch action {
    case .wait: break
    case .startStream(let subscription, let head): start(subscription, head, for: client)
    case .send, .serve, .sendStreamHead, .cleanUp, .close:
      world.violated("model", "\(edge.name) answered a client's request by \(action)")
    }
  }

  private func start(_ subscription: Subscription, _ head: RequestHead, for client: SimulatedSocket) {
    let kind = subscription.stream
    client.stream = kind
    if kind.concernsLink { edge.mailbox.post(.joined(kind)) }
    var bytes: [UInt8] = []
    opening.append(for: head.version, date: nil, using: &world.random, to: &bytes)
    guard subscription.needsOpening else { return join(client, kind, opening: bytes) }
    client.awaitedOpening = bytes
    let waiting = OpeningClient(worker: number, client.id)
    edge.mailbox.post(.requested(waiting, edge.resumption(subscription)))
  }

  private func open(_ client: SimulatedSocket, with bytes: SharedBytes?) {
    guard let head = client.awaitedOpening, let kind = client.stream else { return }
    client.awaitedOpening = nil
    guard let bytes else { return close(client.id, .overLimit) }
    join(client, kind, opening: delivery.release(client.slot, kind) + head, followedBy: bytes)
  }

  private func admit(_ client: SimulatedSocket) {
    guard let head = client.awaitedOpening, !head.isEmpty, let kind = client.stream else { return }
    world.happened(.admission)
    client.awaitedOpening = []
    delivery.admit(client, kind, opening: head)
  }

  private func join(
    _ client: SimulatedSocket, _ kind: StreamKind, opening: [UInt8], followedBy answer: SharedBytes? = nil
  ) {
    edge.audit.joined(client.end.number, kind, record, of: edge.name)
    delivery.join(client, kind, opening: opening, followedBy: answer)
  }

  private func becameWritable(_ client: SimulatedSocket) {
    guard let kind = client.stream, client.isShort else { return }
    client.isShort = false
    delivery.becameWritable(client.slot, kind)
  }

  func close(_ id: ClientID, _ reason: CloseReason) {
    guard let client = clients.remove(id) ?? nil else { return }
    if let kind = client.stream {
      _ = delivery.release(id.slot, kind)
      if client.awaitedOpening != nil {
        edge.mailbox.post(.withdrawn(OpeningClient(worker: number, id)))
      }
      if kind.concernsLink { edge.mailbox.post(.left(kind)) }
    }
    if reason == .lagged { world.happened(.lagged) }
    if reason != .peerClosed { world.note(edge.name, "closes connection \(client.end.number): \(reason)") }
    client.end.close()
  }

  private func sweep() {
    guard isAlive else { return }
    for (slot, reason) in delivery.sweep(every: Self.sweepInterval) {
      if let id = clients.id(at: slot) { close(id, reason) }
    }
    world.scheduler.after(Self.sweepInterval) { [weak self] in self?.sweep() }
  }
}

/// A client's socket at its worker.
final class SimulatedSocket {
  let id: ClientID
  var slot: Int32 { id.slot }
  let end: End<[UInt8]>
  var session = ClientSession()
  var stream: StreamKind?
  /// The head of its stream, while what follows it is found out; empty if it has that already.
  var awaitedOpening: [UInt8]?
  /// Whether it took less than it was offered, and will be told when there is room again.
  var isShort = false

  init(id: ClientID, end: End<[UInt8]>) {
    self.id = id
    self.end = end
  }

  /// Writes what fits of the bytes from an index on.
  func send(_ bytes: [UInt8], from start: Int) -> Int {
    let count = end.offer(bytes, from: start)
    if start + count < bytes.count { isShort = true }
    return count
  }
}
