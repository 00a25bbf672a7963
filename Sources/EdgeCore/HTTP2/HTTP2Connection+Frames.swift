import HTTP
import HTTP2
import PlantedFaults
import Primitives

// What arrives: bytes become frames, and frames change streams and windows.
extension HTTP2Connection {
  /// What the driver does about received bytes.
  package enum Event {
    /// Answer this request.
    case request(HTTP2Stream, RequestHead)
    /// Refuse this request.
    case refused(HTTP2Stream, RequestHeadError)
    /// The stream has ended before its answer: take its subscriber away.
    case ended(HTTP2Stream)
    /// A stream's window has room again.
    case windowOpened(HTTP2Stream)
    /// The windows of all streams may have room again.
    case windowsOpened
  }

  /// Bytes have arrived. The driver calls this again with the same bytes until it returns nil.
  ///
  /// - Parameters:
  ///   - bytes: the received bytes.
  ///   - index: where to begin in them; advanced past the last byte that was taken.
  package func bytesReceived(_ bytes: Span<UInt8>, from index: inout Int, now: Instant) -> Event? {
    self.now = now
    while index < bytes.count {
      guard !isClosing else {
        discarded += bytes.count - index
        index = bytes.count
        return nil
      }
      // Answers leave while requests arrive, if the socket takes them.
      _ = hasRoom()
      do throws(FrameError) {
        guard try takePreface(bytes, from: &index),
          let frame = try reader.next(bytes, from: &index)
        else { break }
        if let event = try received(frame) { return event }
      } catch {
        if let event = failed(error) { return event }
      }
    }
    let isWhole = preface == nil && hasSettings && reader.isIdle && block == nil
    partialSince = isWhole ? nil : partialSince ?? now
    return nil
  }

  private func takePreface(_ bytes: Span<UInt8>, from index: inout Int) throws(FrameError) -> Bool {
    guard var known = preface else { return true }
    let isMatched = known.match(bytes, from: &index)
    preface = isMatched == true ? nil : known
    if isMatched == false { throw .connection(.protocolError) }
    return isMatched == true
  }

  private func received(_ frame: Frame) throws(FrameError) -> Event? {
    if !hasSettings {
      guard case .settings = frame else { throw .connection(.protocolError) }
      hasSettings = true
    }
    if block != nil {
      guard case .continuation(block?.stream, let fragment, let isEnd) = frame else {
        throw .connection(.protocolError)
      }
      return try continueBlock(fragment, isEnd: isEnd)
    }
    switch frame {
    case .headers(let id, let headers): return try beginBlock(id, headers)
    case .continuation: throw .connection(.protocolError)
    case .data(let id, let count, let content, let isEnd):
      return try dataReceived(id, count: count, content: content, isEnd: isEnd)
    case .resetStream(let id, _): return try resetReceived(id)
    case .settings(let settings): return try settingsReceived(settings)
    case .ping(let content):
      spend(.frame)
      append { FrameWriter.appendPingAcknowledgement(content, to: &$0) }
    case .settingsAcknowledged:
      knowsSettings = true
      spend(.frame)
    case .pingAcknowledged, .ignored: spend(.frame)
    case .windowUpdate(0, let increment): return try windowGrew(by: increment)
    case .windowUpdate(let id, let increment): return try windowGrew(of: id, by: increment)
    }
    return nil
  }

  /// A frame is wrong: its stream ends, or the connection.
  private func failed(_ error: FrameError) -> Event? {
    switch error {
    case .connection(let code): fail(code, code == .enhanceYourCalm ? .flood : .violation)
    case .stream(let id, let code):
      // A stream that was never opened cannot be reset, and nothing may come between the frames of a block.
      guard id <= lastStream, block == nil else {
        fail(code, .violation)
        break
      }
      guard let stream = streams[id] else {
        refuse(id, code)
        break
      }
      reset(stream, code)
      return .ended(stream)
    }
    return nil
  }

  /// Takes the cost of a frame. A client that has nothing left is sent away.
  func spend(_ cost: FloodBudget.Cost) {
    if !budget.spend(cost, now: now) { fail(.enhanceYourCalm, .flood) }
  }

  private func spendWindow() {
    if !budget.spendWindow(now: now) { fail(.enhanceYourCalm, .flood) }
  }

  private func resetReceived(_ id: UInt32) throws(FrameError) -> Event? {
    guard id <= lastStream, !id.isMultiple(of: 2) else { throw .connection(.protocolError) }
    spend(.reset)
    guard let stream = streams[id] else { return nil }
    group.counters.resetsReceived += 1
    remove(stream, isReset: false)
    return .ended(stream)
  }

  // MARK: Windows

  private func settingsReceived(_ settings: [HTTP2Setting]) throws(FrameError) -> Event? {
    spend(.reset)
    var growth = 0
    for case .initialWindow(let size) in settings {
      growth += size - initialWindow
      initialWindow = size
    }
    append { FrameWriter.appendSettingsAcknowledgement(to: &$0) }
    guard growth != 0 else { return nil }
    spend(.walk(streams.count))
    guard !isClosing else { return nil }
    for stream in streams.values {
      guard stream.window + growth <= Int32.max else { throw .connection(.flowControlError) }
      stream.window += growth
    }
    guard growth > 0 else { return nil }
    continueAnswers()
    return .windowsOpened
  }

  private func windowGrew(by increment: Int) throws(FrameError) -> Event? {
    spendWindow()
    guard window + increment <= Int32.max else { throw .connection(.flowControlError) }
    window += increment
    guard isWindowShort else { return nil }
    // Windows that open in small steps wake all streams for each of them.
    if increment < Self.usefulFrame { spend(.walk(streams.count)) }
    guard !isClosing else { return nil }
    isWindowShort = false
    continueAnswers()
    return .windowsOpened
  }

  private func windowGrew(of id: UInt32, by increment: Int) throws(FrameError) -> Event? {
    guard id <= lastStream, !id.isMultiple(of: 2) else { throw .connection(.protocolError) }
    spendWindow()
    guard let stream = streams[id] else { return nil }
    guard stream.window + increment <= Int32.max else { throw .stream(id, .flowControlError) }
    stream.window += increment
    guard !stream.isEnding else {
      continueAnswer(stream)
      return nil
    }
    return planted(.openWindowUnnoticed) ? nil : .windowOpened(stream)
  }
}
