import HTTP2
import Primitives

// How a connection ends.
extension HTTP2Connection {
  /// The greatest number of a stream: the first step of a GOAWAY promises to serve all of them.
  private static var streamNumberMaximum: UInt32 { 0x7fff_ffff }

  /// Tells the client to use another connection. It is done in two steps, so that no request is lost: requests that
  /// are on their way are still taken. The streams stay until they end.
  package func goAway() {
    guard phase == .serving else { return }
    phase = .leaving(since: now)
    group.counters.goAways[.released, default: 0] += 1
    append { FrameWriter.appendGoAway(lastStream: Self.streamNumberMaximum, .noError, to: &$0) }
  }

  /// Ends the connection after its output. Streams that are left end with it.
  func fail(_ code: HTTP2ErrorCode, _ reason: GoAwayReason) {
    guard !isClosing else { return }
    group.counters.goAways[reason, default: 0] += 1
    append { FrameWriter.appendGoAway(lastStream: lastServed ?? lastStream, code, to: &$0) }
    close(reason == .idle ? .requestComplete : reason == .slow ? .headTimeout : .badRequest)
  }

  func close(_ reason: CloseReason) {
    append { _ in }
    phase = .closing(since: now, reason)
    block = nil
  }

  /// Time has passed; to be called a few times a second.
  ///
  /// - Returns: why the socket must be closed now; nil if it stays.
  package func timePassed(now: Instant) -> CloseReason? {
    self.now = now
    if case .closing(let since, let reason) = phase {
      return since.advanced(by: Self.lingerLimit) <= now ? reason : nil
    }
    if isOverdue() { return .writeTimeout }
    giveUpHeld()
    if case .leaving(let since) = phase, since.advanced(by: Self.leavingTime) <= now { leave() }
    let limit = group.limits.headTimeout
    if isBlocked {
      // What is missing may be in the socket: it is not read meanwhile.
      partialSince = partialSince.map { _ in now }
    }
    if let partialSince, partialSince.advanced(by: limit) <= now {
      fail(.enhanceYourCalm, .slow)
    } else if streams.isEmpty, let idleSince, idleSince.advanced(by: limit) <= now {
      fail(.noError, .idle)
    }
    return nil
  }

  /// The second step of a GOAWAY.
  private func leave() {
    phase = .left
    lastServed = lastStream
    append { FrameWriter.appendGoAway(lastStream: lastStream, .noError, to: &$0) }
    if streams.isEmpty { close(.requestComplete) }
  }

  /// Resets streams whose clients take too long to send a body, or to take an answer.
  private func giveUpHeld() {
    for stream in held {
      let deadline =
        stream.body.map { $0.since.advanced(by: group.limits.headTimeout) }
        ?? stream.progressAt?.advanced(by: group.limits.lagMaximum)
      if let deadline, deadline <= now { reset(stream, .cancel) }
    }
  }
}
