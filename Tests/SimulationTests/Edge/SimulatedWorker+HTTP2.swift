import EdgeCore
import HTTP
import HTTP2
import Primitives

// Connections of HTTP/2: what `Worker+HTTP2` does.
extension SimulatedWorker {
  func sorted(_ streams: [UInt32: HTTP2Stream]) -> [HTTP2Stream] {
    streams.sorted { $0.key < $1.key }.map(\.value)
  }

  /// All connections of HTTP/2, in an order that each run repeats.
  var http2Connections: [HTTP2Connection] { connections.ids.compactMap { connections[$0.slot]?.http2 } }

  /// The first bytes of a plain connection tell HTTP/2 from HTTP/1.
  func detectProtocol(_ bytes: [UInt8], from socket: SimulatedSocket) {
    guard var preface = socket.preface else { return }
    var index = 0
    let isHTTP2 = preface.match(bytes.span, from: &index)
    socket.preface = isHTTP2 == nil ? preface : nil
    switch isHTTP2 {
    case nil: break
    case true?: take(bytes, from: index, for: beginHTTP2(over: socket), over: socket)
    case false?: take(Array(ConnectionPreface.bytes[..<preface.matchedCount] + bytes[index...]), from: socket)
    }
  }

  private func beginHTTP2(over socket: SimulatedSocket) -> HTTP2Connection {
    // The deadline for a request of HTTP/1 is void.
    _ = socket.http.deadlineSet()
    let connection = HTTP2Connection(
      socket.id, in: http2, output: SimulatedOutput(socket: socket), preface: nil, now: world.now)
    socket.http2 = connection
    if subscribers.isDraining { connection.goAway() }
    return connection
  }

  func take(
    _ bytes: [UInt8], from start: Int, for connection: HTTP2Connection, over socket: SimulatedSocket
  ) {
    var index = start
    while connections.contains(connection.id),
      let event = connection.bytesReceived(bytes.span, from: &index, now: world.now)
    {
      handle(event, of: connection, over: socket)
    }
    readOn(connection, over: socket)
  }

  private func handle(
    _ event: HTTP2Connection.Event, of connection: HTTP2Connection, over socket: SimulatedSocket
  ) {
    switch event {
    case .request(let stream, let head):
      let form = Self.session.form(of: head)
      perform(.init(answering: head, in: form, Self.session), for: stream.exchange, over: socket)
    case .refused(_, let error): world.violated("model", "\(edge.name) refused a request: \(error)")
    case .ended(let stream): streamEnded(stream)
    case .windowOpened(let stream): windowOpened(of: stream)
    case .windowsOpened: windowsOpened(of: connection)
    }
  }

  /// Nothing is read while nothing can be written.
  private func readOn(_ connection: HTTP2Connection, over socket: SimulatedSocket) {
    if socket.end.isReading != connection.isReading { socket.end.isReading = connection.isReading }
  }

  func becameWritable(_ connection: HTTP2Connection, over socket: SimulatedSocket) {
    guard connection.isBlocked, connection.becameWritable(now: world.now) else { return }
    windowsOpened(of: connection)
    readOn(connection, over: socket)
  }

  private func windowOpened(of stream: HTTP2Stream) {
    guard let client = stream.subscriber, let subscriber = subscribers[client] else { return }
    world.happened(.windowOpened)
    delivery.becameWritable(client.slot, subscriber)
  }

  private func windowsOpened(of connection: HTTP2Connection) {
    for stream in sorted(connection.streams) { windowOpened(of: stream) }
  }

  /// Connections have something to write at the end of the turn.
  func writeSoon() {
    guard !isWriteScheduled else { return }
    isWriteScheduled = true
    world.scheduler.after(.zero) { [weak self] in
      guard let self, isAlive else { return }
      isWriteScheduled = false
      http2.flush()
      for connection in http2.takeSettled() where connections.contains(connection.id) {
        // A client breaks no rule, and its connection ends without a stream.
        if connection.isOwing, !connection.isBroken {
          world.violated("http2", "\(edge.name) ends a connection with streams")
        }
        close(connection.id, .requestComplete)
      }
      for connection in http2Connections {
        if let socket = connections[connection.id] ?? nil { readOn(connection, over: socket) }
      }
    }
  }

  // MARK: Answers

  func beginAnswer(on stream: HTTP2Stream) { stream.begin(opening.headerBlock(date: Self.date)) }

  private static let date = HTTPDate(unixSeconds: 0)

  func reject(_ id: UInt32, of connection: HTTP2Connection, _ response: Response) {
    if connection.streams.count == 1 { connection.goAway() }
    let form = ResponseForm.last(with: Self.session.fields.shared)
    connection.streams[id]?.respond(
      response.headerBlock(in: form, date: Self.date), response.content?.bytes ?? [])
  }

  func end(
    _ id: UInt32, of connection: HTTP2Connection, after bytes: [UInt8], _ reason: CloseReason
  ) {
    guard let stream = connection.streams[id] else { return }
    if reason.sendsAway {
      connection.goAway()
      if let socket = connections[connection.id] ?? nil {
        edge.audit.sendsAway(socket.number(of: stream.exchange))
      }
    }
    stream.subscriber = nil
    beginAnswer(on: stream)
    stream.end(after: bytes)
  }

  func streamEnded(_ stream: HTTP2Stream) {
    guard let client = stream.subscriber, let departure = subscribers.ended(client) else { return }
    stream.subscriber = nil
    _ = leave(departure)
  }

  /// Drops a client that cannot be served any longer: its connection in HTTP/1, its stream in HTTP/2.
  func giveUp(_ slot: Int32, _ reason: CloseReason) {
    guard let client = subscribers.id(at: slot), let subscriber = subscribers[client] else { return }
    guard let connection = socket(of: subscriber)?.http2 else { return close(subscriber.connection, reason) }
    guard let stream = connection.streams[subscriber.exchange.stream] else { return }
    world.happened(.resetStream)
    streamEnded(stream)
    stream.reset(.cancel)
  }

  /// Writing to a client failed.
  func deliveryFailed(_ slot: Int32) {
    guard let client = subscribers.id(at: slot), let subscriber = subscribers[client] else { return }
    close(subscriber.connection, .reset)
  }

  func timePassed() {
    for connection in http2Connections {
      if let reason = connection.timePassed(now: world.now) { close(connection.id, reason) }
    }
  }
}
