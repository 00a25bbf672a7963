import HTTP2
import PlantedFaults
import Primitives

// How streams are answered, and how they end.
extension HTTP2Connection {
  /// Makes frames of a payload, as far as the windows and the output's limit allow.
  ///
  /// - Returns: how many bytes were taken.
  func appendData(_ bytes: [UInt8], from start: Int, of stream: HTTP2Stream) -> Int {
    var index = start
    while index < bytes.count, let count = room(for: bytes.count - index, of: stream) {
      append(count: FrameHeader.count + count) {
        FrameWriter.appendData(bytes[index..<index + count], stream: stream.id, isEnd: false, to: &$0)
      }
      take(count, of: stream)
      index += count
    }
    return index - start
  }

  /// A frame of content with this many bytes is worth its acknowledgement.
  static var usefulFrame: Int { 1_024 }

  /// The size of the next frame; nil if the stream must wait.
  private func room(for count: Int, of stream: HTTP2Stream) -> Int? {
    guard hasRoom() else { return nil }
    if window <= 0 { isWindowShort = true }
    let size = min(count, FrameWriter.payloadMaximum, stream.window, window)
    return size > 0 ? size : nil
  }

  private func take(_ count: Int, of stream: HTTP2Stream) {
    stream.window -= count
    window -= count
    if window <= 0 { isWindowShort = true }
    // Clients that acknowledge each frame of a long answer must not run out.
    if count >= Self.usefulFrame { budget.gained() }
  }

  /// Sends more of an answer's last bytes, and END_STREAM with the last of them.
  func continueAnswer(_ stream: HTTP2Stream) {
    guard stream.isEnding, !stream.isOver, !isBroken else { return }
    while stream.unsent > 0, let count = room(for: stream.unsent, of: stream) {
      let start = stream.lastSent
      append {
        FrameWriter.appendData(
          stream.last[start..<start + count], stream: stream.id, isEnd: count == stream.unsent, to: &$0)
      }
      take(count, of: stream)
      stream.lastSent += count
      stream.progressAt = now
      if stream.unsent == 0 { return answered(stream) }
    }
    // A frame without content needs no window.
    guard stream.last.isEmpty || planted(.endBeforeRest) else { return }
    append { FrameWriter.appendData([], stream: stream.id, isEnd: true, to: &$0) }
    answered(stream)
  }

  /// There is room in windows or in the output.
  func continueAnswers() {
    for stream in held where stream.isEnding { continueAnswer(stream) }
  }

  /// Keeps a stream in the list that is looked at when time passes. Beyond the limit, an answer that the client does
  /// not take is given up.
  func holds(_ stream: HTTP2Stream) {
    let others = held.reduce(0) { $0 + $1.unsent }
    guard stream.unsent == 0 || others == 0 || others + stream.unsent <= Self.lastMaximum else {
      return reset(stream, .enhanceYourCalm)
    }
    held.append(stream)
  }

  /// END_STREAM was sent.
  func answered(_ stream: HTTP2Stream) {
    let isReset = !stream.isRequestComplete
    // The client need not send the rest of a request that is answered (RFC 9113 §8.1).
    if isReset { append { FrameWriter.appendReset(stream: stream.id, .noError, to: &$0) } }
    remove(stream, isReset: isReset)
  }

  /// Ends a stream that the client may go on with, or that cannot go on.
  func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    remove(stream, isReset: true)
    sendReset(stream.id, code)
  }

  /// Resets a stream that is not in the table.
  func refuse(_ id: UInt32, _ code: HTTP2ErrorCode) {
    ended.append(id, isReset: true)
    sendReset(id, code)
  }

  private func sendReset(_ id: UInt32, _ code: HTTP2ErrorCode) {
    group.counters.resetsSent += 1
    append { FrameWriter.appendReset(stream: id, code, to: &$0) }
    spend(.reset)
  }

  func remove(_ stream: HTTP2Stream, isReset: Bool) {
    guard streams.removeValue(forKey: stream.id) != nil else { return }
    stream.isOver = true
    stream.last = []
    stream.lastSent = 0
    held.removeAll { $0 === stream }
    ended.append(stream.id, isReset: isReset)
    guard streams.isEmpty else { return }
    group.counters.connectionsWithStreams -= 1
    idleSince = now
    if phase == .left { close(.requestComplete) }
  }

  /// The socket has room again.
  ///
  /// - Returns: whether streams can be written to.
  package func becameWritable(now: Instant) -> Bool {
    self.now = now
    flush()
    guard !isBlocked, !isBroken else { return false }
    continueAnswers()
    return true
  }
}
