import EdgeCore
import HTTP
import HTTP2
import Primitives
import Reactor
import Service

// How requests are answered.
extension Worker {
  func perform(_ action: ClientSession.BytesReceivedAction, for id: ExchangeID) {
    switch action {
    case .wait: break
    case .send(let response, let form): send(response, form, to: id)
    case .serve(let page, let form): serve(page, form, to: id)
    case .sendStreamHead(let version): sendStreamHead(for: version, to: id)
    case .startStream(let subscription, let head): startStream(subscription, head, for: id)
    case .cleanUp(let scope, let key, let head, let form): cleanUp(scope, key, head, form, for: id)
    case .close(let reason): close(id.connection, reason)
    }
  }

  func perform(_ action: ClientSession.EndingAction, for id: ConnectionID) {
    switch action {
    case .wait: break
    case .send(let response, let form): send(response, form, to: ExchangeID(id))
    case .close(let reason): close(id, reason)
    }
  }

  /// How requests on a connection are answered.
  func manner(of id: ConnectionID) -> Manner { configuration.manner(of: connections[id.slot].http.entrance) }

  /// The time of an answer.
  var date: HTTPDate { HTTPDate(unixSeconds: MonotonicClock.wallSeconds()) }

  /// Rejects a client that asked for a stream, or was promised one.
  func reject(_ id: ExchangeID, _ response: Response) {
    if let connection = connections[id.connection]?.http2 {
      // A client without other streams may find room elsewhere.
      if connection.streams.count == 1 { connection.goAway() }
    } else {
      connections[id.connection.slot].http.endStream(.overLimit)
    }
    send(response, .last(with: manner(of: id.connection).session.fields.shared), to: id)
  }

  func send(_ response: Response, _ form: ResponseForm, to id: ExchangeID) {
    guard let connection = connections[id.connection]?.http2 else {
      return write(response.bytes(in: form, date: date), to: id.connection)
    }
    let content = form.omitsBody ? [] : response.content?.bytes ?? []
    connection.streams[id.stream]?.respond(response.headerBlock(in: form, date: date), content)
  }

  private func sendStreamHead(for version: Version, to id: ExchangeID) {
    let opening = manner(of: id.connection).opening
    guard let connection = connections[id.connection]?.http2 else {
      var bytes: [UInt8] = []
      opening.appendHead(for: version, date: date, to: &bytes)
      return write(bytes, to: id.connection)
    }
    connection.streams[id.stream]?.respond(opening.headerBlock(date: date), [])
  }

  /// Writes a response, and goes on once the socket has taken all of it.
  func write(_ bytes: [UInt8], to id: ConnectionID) {
    connections[id.slot].http.respond(bytes)
    setDeadline(id, after: configuration.delivery.lagMaximum)
    writeOn(id)
  }

  func writeOn(_ id: ConnectionID) {
    while let (bytes, start) = connections[id.slot].http.nextWrite {
      switch connections[id.slot].channel.send(bytes, from: start) {
      case .accepted(0): return
      case .accepted(let count):
        totals.bytesSent += UInt64(count)
        if let action = connections[id.slot].http.wrote(count) { return perform(action, for: id) }
      case .failed: return close(id, .reset)
      }
    }
  }

  private func perform(_ action: ClientSession.ResponseWrittenAction, for id: ConnectionID) {
    switch action {
    case .readOn:
      setDeadline(id, after: configuration.settings.headTimeout)
      readSoon(id)
    case .finishWriting:
      connections[id.slot].channel.sayEnd()
      Socket.shutdownWriting(connections[id.slot].descriptor)
      setDeadline(id, after: Self.lingerLimit)
      readSoon(id)
    case .close(let reason): close(id, reason)
    }
  }
}
