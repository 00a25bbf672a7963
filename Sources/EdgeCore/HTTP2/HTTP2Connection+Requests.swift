import HTTP
import HTTP2
import Primitives

// How streams begin: a block of header fields, and a body that is discarded.
extension HTTP2Connection {
  /// The most frames of one block of header fields.
  private static var blockFramesMaximum: Int { 16 }

  func beginBlock(_ id: UInt32, _ headers: HeadersFrame) throws(FrameError) -> Event? {
    guard !id.isMultiple(of: 2) else { throw .connection(.protocolError) }
    spend(.request)
    if streams[id] == nil {
      // A number that was never used, but is below one that was, is closed as well (RFC 9113 §5.1.1).
      guard id > lastStream || ended.contains(id) else { throw .connection(.protocolError) }
      guard id > lastStream || ended.wasReset(id) else { throw .connection(.streamClosed) }
    }
    block = Block(
      stream: id, bytes: headers.fragment, endsStream: headers.endsStream,
      dependsOnItself: headers.dependsOnItself)
    return headers.endsBlock ? try blockEnded() : nil
  }

  func continueBlock(_ fragment: [UInt8], isEnd: Bool) throws(FrameError) -> Event? {
    spend(.frame)
    block?.bytes.append(contentsOf: fragment)
    block?.frames += 1
    guard let block, block.bytes.count <= RequestLimits.headBytes, block.frames <= Self.blockFramesMaximum
    else {
      fail(.enhanceYourCalm, .fields)
      return nil
    }
    return isEnd ? try blockEnded() : nil
  }

  private func blockEnded() throws(FrameError) -> Event? {
    guard let block else { return nil }
    self.block = nil
    guard !isClosing else { return nil }
    var fields = RequestFields()
    do throws(HTTP2ErrorCode) {
      try decoder.decode(block.bytes) { fields.append($0) }
    } catch {
      throw .connection(error)
    }
    if let stream = streams[block.stream] { return try trailersReceived(fields, block, stream) }
    guard block.stream > lastStream else { return nil }
    return try open(block, fields)
  }

  /// A second block on a stream must end a body.
  private func trailersReceived(
    _ fields: RequestFields, _ block: Block, _ stream: HTTP2Stream
  ) throws(FrameError) -> Event? {
    guard !stream.isRequestComplete else { throw .stream(stream.id, .streamClosed) }
    guard block.endsStream, !block.dependsOnItself, fields.areTrailers else {
      throw .stream(stream.id, .protocolError)
    }
    return try bodyEnded(stream)
  }

  private func open(_ block: Block, _ fields: RequestFields) throws(FrameError) -> Event? {
    lastStream = block.stream
    // A client that has not learnt yet that no request is taken sends it again over another connection.
    if phase == .left {
      refuse(block.stream, .refusedStream)
      return nil
    }
    group.counters.streamsOpened += 1
    guard streams.count < Self.streamsMaximum else {
      refuseExcess(block.stream)
      return nil
    }
    guard !block.dependsOnItself else { throw .stream(block.stream, .protocolError) }
    switch fields.request {
    case .malformed: throw .stream(block.stream, .protocolError)
    case .refused(let error): return .refused(insert(block), error)
    case .request(let head):
      if block.endsStream {
        guard head.contentLength == 0 else { throw .stream(block.stream, .protocolError) }
        return .request(insert(block), head)
      }
      guard held.count(where: { $0.body != nil }) < Self.bodiesMaximum else {
        refuse(block.stream, .refusedStream)
        return nil
      }
      let stream = insert(block)
      let length = head.value(of: "content-length") == nil ? nil : head.contentLength
      stream.body = HTTP2Stream.Body(head: head, length: length, since: now)
      holds(stream)
      return nil
    }
  }

  /// Refuses a stream beyond the maximum.
  private func refuseExcess(_ id: UInt32) {
    if !knowsSettings, excess < Self.excessMaximum {
      excess += 1
      budget.giveBack([.request, .reset])
    }
    refuse(id, .refusedStream)
  }

  private func insert(_ block: Block) -> HTTP2Stream {
    let stream = HTTP2Stream(
      block.stream, of: self, window: initialWindow, isRequestComplete: block.endsStream)
    if streams.isEmpty { group.counters.connectionsWithStreams += 1 }
    streams[block.stream] = stream
    idleSince = nil
    return stream
  }

  // MARK: Bodies

  func dataReceived(
    _ id: UInt32, count: Int, content: Int, isEnd: Bool
  ) throws(FrameError) -> Event? {
    guard id <= lastStream, !id.isMultiple(of: 2) else { throw .connection(.protocolError) }
    spend(.frame)
    guard !isClosing else { return nil }
    renewWindow(count)
    guard let stream = streams[id] else {
      if ended.wasReset(id) { return nil }
      throw .stream(id, .streamClosed)
    }
    guard stream.body != nil else {
      // The rest of a body after a refusal that waits for the client's window.
      if !stream.isRequestComplete { return nil }
      throw .stream(id, .streamClosed)
    }
    stream.body?.windowUsed += count
    stream.body?.received += content
    guard let body = stream.body, body.windowUsed <= Self.standardWindow else {
      throw .stream(id, .flowControlError)
    }
    if let length = body.length, body.received > length { throw .stream(id, .protocolError) }
    if isEnd { return try bodyEnded(stream) }
    guard body.windowUsed == Self.standardWindow else { return nil }
    // The client waits for a window that it will not get.
    stream.body = nil
    held.removeAll { $0 === stream }
    return .refused(stream, .bodyTooLarge)
  }

  private func bodyEnded(_ stream: HTTP2Stream) throws(FrameError) -> Event? {
    guard let body = stream.body else { return nil }
    if let length = body.length, body.received != length { throw .stream(stream.id, .protocolError) }
    stream.body = nil
    stream.isRequestComplete = true
    held.removeAll { $0 === stream }
    return .request(stream, body.head)
  }

  /// Gives the client its window of the connection back. That of a stream is not renewed, so it bounds a body.
  private func renewWindow(_ count: Int) {
    consumed += count
    guard consumed >= Self.standardWindow / 2 else { return }
    let increment = consumed
    consumed = 0
    append { FrameWriter.appendWindowUpdate(stream: 0, increment: increment, to: &$0) }
  }
}
