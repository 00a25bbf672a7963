import EdgeCore
import HTTP
import HTTP2
import Primitives
import Reactor
import Service
import TLS

// HTTP/2 connections: bytes go to `HTTP2Connection`, and its events become what HTTP/1 requests become too.
extension Worker {
  /// The client has chosen HTTP/2.
  ///
  /// - Parameter preface: what has arrived of the client's preface; nil if it is complete.
  func beginHTTP2(_ id: ConnectionID, after preface: ConnectionPreface?) {
    // The deadline for a request of HTTP/1 is void.
    _ = connections[id.slot].http.deadlineSet()
    connections[id.slot].preface = nil
    let connection = HTTP2Connection(
      id, in: http2, output: connections[id.slot].channel, preface: preface, now: loop.now)
    connections[id.slot].http2 = connection
    if subscribers.isDraining { connection.goAway() }
    if preface != nil { read(connection) }
  }

  /// The first bytes of a plain connection tell HTTP/2 from HTTP/1.
  func detectProtocol(_ count: Int, of id: ConnectionID) {
    guard var preface = connections[id.slot].preface else { return }
    var index = 0
    let isHTTP2 = preface.match(readBuffer.span.extracting(0..<count), from: &index)
    connections[id.slot].preface = isHTTP2 == nil ? preface : nil
    switch isHTTP2 {
    case nil: break
    case true?:
      beginHTTP2(id, after: nil)
      if let connection = connections[id]?.http2 { take(count, from: index, for: connection) }
    case false?:
      // What matched so far is the beginning of a request.
      let beginning = ConnectionPreface.bytes[..<preface.matchedCount]
      readBuffer.insert(contentsOf: beginning, at: index)
      take(count + beginning.count, from: index, for: id)
      readBuffer.removeFirst(beginning.count)
    }
  }

  func ready(_ connection: HTTP2Connection, _ readiness: Readiness) {
    let id = connection.id
    if readiness.contains(.writable), connection.isBlocked, connection.becameWritable(now: loop.now) {
      windowsOpened(of: connection)
      guard connections.contains(id) else { return }
      // What arrived in the meantime was left in the socket.
      read(connection)
    }
    if connections.contains(id), readiness.contains(.readable) { read(connection) }
    // A connection whose client has ended its side looks like one whose client is gone.
    if connections.contains(id), readiness.contains(.peerClosed) { close(id, .peerClosed) }
  }

  /// How often a connection is read in a turn. A client that sends faster than it is answered delays no other one.
  private static let readsPerTurn = 4

  /// Reads until nothing is left, in several turns if that is much.
  func read(_ connection: HTTP2Connection) {
    let id = connection.id
    for _ in 0..<Self.readsPerTurn {
      guard connections.contains(id), connection.isReading else { return }
      switch connections[id.slot].channel.receive(into: &readBuffer) {
      case .moved(let count): take(count, from: 0, for: connection)
      case .wouldBlock: return
      case .ended: return close(id, .peerClosed)
      case .failed: return close(id, .reset)
      }
    }
    loop.schedule(at: loop.now) { [weak self] in
      if let self, connections.contains(id) { read(connection) }
    }
  }

  private func take(_ count: Int, from start: Int, for connection: HTTP2Connection) {
    var index = start
    while connections.contains(connection.id) {
      let event = connection.bytesReceived(
        readBuffer.span.extracting(0..<count), from: &index, now: loop.now)
      guard let event else { return }
      handle(event, of: connection)
    }
  }

  private func handle(_ event: HTTP2Connection.Event, of connection: HTTP2Connection) {
    let options = manner(of: connection.id).session
    switch event {
    case .request(let stream, let head):
      perform(.init(answering: head, in: options.form(of: head), options), for: stream.exchange)
    case .refused(let stream, let error):
      send(
        .line(error.status, error.explanation), .last(with: options.fields.shared), to: stream.exchange)
    case .ended(let stream): streamEnded(stream, .peerClosed)
    case .windowOpened(let stream): windowOpened(of: stream)
    case .windowsOpened: windowsOpened(of: connection)
    }
  }

  // MARK: Streams

  private func windowOpened(of stream: HTTP2Stream) {
    guard let client = stream.subscriber, let subscriber = subscribers[client] else { return }
    delivery(of: subscriber).becameWritable(client.slot, subscriber.stream, subscriber.framing)
  }

  private func windowsOpened(of connection: HTTP2Connection) {
    for stream in connection.streams.values { windowOpened(of: stream) }
  }

  /// Takes the subscriber of a stream away that has ended before its answer.
  private func streamEnded(_ stream: HTTP2Stream, _ reason: CloseReason) {
    guard let client = stream.subscriber, let departure = subscribers.ended(client) else { return }
    stream.subscriber = nil
    _ = leave(departure)
    totals.closed[reason, default: 0] += 1
  }

  /// Sends the head of an answer. In HTTP/1 it is a part of the stream's first bytes.
  func beginAnswer(of subscriber: Subscriber) {
    let exchange = subscriber.exchange
    guard let stream = connections[exchange.connection]?.http2?.streams[exchange.stream] else { return }
    stream.begin(manner(of: exchange.connection).opening.headerBlock(date: date))
  }

  /// Writes a subscriber's last bytes, and ends its stream. A client that is to go elsewhere first learns that this
  /// connection takes no more requests: it would return over it.
  func end(
    _ id: UInt32, of connection: HTTP2Connection, after bytes: [UInt8], _ reason: CloseReason
  ) {
    guard let stream = connection.streams[id] else { return }
    if reason.sendsAway { connection.goAway() }
    stream.subscriber = nil
    totals.closed[reason, default: 0] += 1
    stream.begin(manner(of: connection.id).opening.headerBlock(date: date))
    stream.end(after: bytes)
  }

  /// Drops a subscriber that cannot be served any longer. Its stream may have been cut within an event, so that it
  /// must not end in order.
  func giveUp(
    _ client: ClientID, _ subscriber: Subscriber, over connection: HTTP2Connection, _ reason: CloseReason
  ) {
    guard let stream = connection.streams[subscriber.exchange.stream] else { return }
    streamEnded(stream, reason)
    stream.reset(.cancel)
  }

  // MARK: Connections

  /// The connection closes: its streams end with it.
  func ended(_ connection: HTTP2Connection, _ reason: CloseReason) {
    for stream in connection.streams.values { streamEnded(stream, reason) }
    connection.closed()
  }

  /// Ends the connections that are broken, or have written their last bytes.
  func endSettled() {
    for connection in http2.takeSettled() where connections.contains(connection.id) {
      if connection.isBroken {
        close(connection.id, .reset)
      } else {
        for stream in connection.streams.values { streamEnded(stream, .badRequest) }
        connections[connection.id.slot].channel.sayEnd()
        Socket.shutdownWriting(connections[connection.id.slot].descriptor)
      }
    }
  }

  func timePassed(at now: Instant) {
    for connection in http2.connections {
      if let reason = connection.timePassed(now: now) { close(connection.id, reason) }
    }
  }
}
