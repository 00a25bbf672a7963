import HTTP

/// A client's HTTP/1 exchanges, one after the other, until a stream begins or the connection ends.
///
/// ```
///   readingHead ──► responding ──► readingHead            the client keeps the connection
///     │   │             └────────► lingering ──► closed   an error, `close`, or the end of a stream
///     │   └───► streaming ── end(_:) ──► responding
///     └─ nothing comes in time, or the client leaves ──► closed
/// ```
///
/// It is a pure machine: the driver reports what happened and performs the action that it returns. It does not know
/// the transport. For a streaming client it takes 24 bytes, and no heap memory.
///
/// The driver keeps one deadline for `deadlineHit(options:)`: the time limit for a head, which runs from the
/// connection's beginning and from every `.readOn`, and which received bytes never prolong; and a short limit from
/// `.finishWriting`.
package struct ClientSession: Sendable {
  /// The most bytes from a client that are discarded while it streams or while its connection ends.
  package static let discardLimit = 64 * 1024

  private enum Phase {
    /// The rest of the last request's body is discarded before the next head.
    case readingHead(bodyRemaining: UInt32, answered: UInt16)
    /// `answered` includes the response that is being written.
    case responding(bodyRemaining: UInt32, answered: UInt16, then: ResponseWrittenAction)
    case streaming(discarded: UInt32)
    case lingering(discarded: UInt32, CloseReason)
  }

  private var parser = RequestHeadParser()
  private var phase = Phase.readingHead(bodyRemaining: 0, answered: 0)

  /// The session of a client that has just connected.
  package init() {}

  /// False while a response is being written. Bytes that arrive meanwhile must wait in the socket, so that a client
  /// that asks faster than it reads is slowed down.
  package var isReading: Bool {
    if case .responding = phase { false } else { true }
  }

  /// Whether the client has been answered and has not begun a further request: closing the connection loses nothing.
  package var isIdle: Bool {
    if case .readingHead(let bodyRemaining, let answered) = phase {
      answered > 0 && bodyRemaining == 0 && parser.isIdle
    } else {
      false
    }
  }

  /// What the driver does about received bytes.
  package enum BytesReceivedAction: Equatable, Sendable {
    /// Nothing. All bytes were taken, unless a response is being written.
    case wait
    /// Write this, then report `responseWritten()`.
    case send(Response, ResponseForm)
    /// Render this page and write it, then report `responseWritten()`.
    case serve(Page, ResponseForm)
    /// Write the head of a stream (``StreamResponseHead/appendHead(for:to:)``), then report `responseWritten()`.
    case sendStreamHead(Version)
    /// Open the stream (``StreamResponseHead``), or refuse it: write a ``Refusal`` and call `end(_:)`.
    case startStream(Subscription, RequestHead)
    /// Close these streams of the client, whose address the head gives, and write their number; then report
    /// `responseWritten()`.
    case cleanUp(CleanupScope, ClientKey?, RequestHead, ResponseForm)
    /// Close at once.
    case close(CloseReason)
  }

  /// Bytes have arrived. The driver calls this again with the same bytes while some are left and ``isReading`` is
  /// true.
  ///
  /// - Parameters:
  ///   - bytes: the received bytes.
  ///   - index: where to begin in them; advanced past the last byte that was taken.
  ///   - options: the operator's choices.
  package mutating func bytesReceived(
    _ bytes: Span<UInt8>, from index: inout Int, options: SessionOptions
  ) -> BytesReceivedAction {
    switch phase {
    case .readingHead(let bodyRemaining, let answered):
      let skipped = min(bytes.count - index, Int(bodyRemaining))
      index += skipped
      phase = .readingHead(bodyRemaining: bodyRemaining - UInt32(skipped), answered: answered)
      return readHead(bytes, from: &index, after: answered, options: options)
    case .responding:
      return .wait
    case .streaming(let discarded):
      guard let total = Self.discard(bytes, from: &index, after: discarded) else {
        return .close(.badRequest)
      }
      phase = .streaming(discarded: total)
    case .lingering(let discarded, let reason):
      guard let total = Self.discard(bytes, from: &index, after: discarded) else { return .close(reason) }
      phase = .lingering(discarded: total, reason)
    }
    return .wait
  }

  /// What the driver does once a response has been written.
  package enum ResponseWrittenAction: Equatable, Sendable {
    /// Read the next request; the time limit for its head begins.
    case readOn
    /// End our side of the connection, then read what still arrives, so that no reset overtakes the response (RFC
    /// 9112 §9.6). The reason is returned again when the connection must be closed.
    case finishWriting(CloseReason)
    /// Close at once.
    case close(CloseReason)

    fileprivate var reason: CloseReason? {
      switch self {
      case .readOn: nil
      case .finishWriting(let reason), .close(let reason): reason
      }
    }
  }

  /// The whole response was written.
  package mutating func responseWritten() -> ResponseWrittenAction {
    guard case .responding(let bodyRemaining, let answered, let action) = phase else {
      preconditionFailure("a response was written that nobody asked for")
    }
    switch action {
    case .readOn: phase = .readingHead(bodyRemaining: bodyRemaining, answered: answered)
    case .finishWriting(let reason): phase = .lingering(discarded: 0, reason)
    case .close: break
    }
    return action
  }

  /// What the driver does when the client has closed its side, or a deadline has passed.
  package enum EndingAction: Equatable, Sendable {
    /// Nothing.
    case wait
    /// Write this, then report `responseWritten()`.
    case send(Response, ResponseForm)
    /// Close at once.
    case close(CloseReason)
  }

  /// The client will send nothing more. A response that is being written is finished. A stream ends, because a
  /// half-closed connection looks like one whose client is gone.
  package mutating func peerClosedItsSide() -> EndingAction {
    switch phase {
    case .readingHead, .streaming:
      return .close(.peerClosed)
    case .responding(let bodyRemaining, let answered, let action):
      phase = .responding(
        bodyRemaining: bodyRemaining, answered: answered, then: .close(action.reason ?? .peerClosed))
      return .wait
    case .lingering(_, let reason):
      return .close(reason)
    }
  }

  /// The deadline has passed. A deadline for a phase that is over does nothing.
  package mutating func deadlineHit(options: SessionOptions) -> EndingAction {
    switch phase {
    case .readingHead(let bodyRemaining, let answered):
      if parser.isIdle {
        // Browsers open spare connections: an answer without a request would confuse them.
        return .close(answered > 0 && bodyRemaining == 0 ? .requestComplete : .headTimeout)
      }
      giveLastResponse(.headTimeout)
      return .send(.requestTimeout, .last(with: options.fields.shared))
    case .lingering(_, let reason):
      return .close(reason)
    case .responding, .streaming:
      return .wait
    }
  }

  /// The driver ends a stream, or refuses it, and writes its last bytes; then it reports `responseWritten()`.
  package mutating func end(_ reason: CloseReason) {
    guard case .streaming = phase else { preconditionFailure("a stream was ended that had not begun") }
    giveLastResponse(reason)
  }

  private mutating func giveLastResponse(_ reason: CloseReason) {
    phase = .responding(bodyRemaining: 0, answered: 0, then: .finishWriting(reason))
  }

  private mutating func readHead(
    _ bytes: Span<UInt8>, from index: inout Int, after answered: UInt16, options: SessionOptions
  ) -> BytesReceivedAction {
    do throws(RequestHeadError) {
      guard let head = try parser.parse(bytes, from: &index) else { return .wait }
      return received(head, after: answered, options: options)
    } catch {
      index = bytes.count
      giveLastResponse(.badRequest)
      return .send(.line(error.status, error.explanation), .last(with: options.fields.shared))
    }
  }

  private mutating func received(
    _ head: RequestHead, after answered: UInt16, options: SessionOptions
  ) -> BytesReceivedAction {
    let form = options.form(of: head, isLast: answered + 1 >= options.requestsMaximum)
    phase = .responding(
      bodyRemaining: UInt32(head.contentLength), answered: answered + 1,
      then: form.isKeepAlive ? .readOn : .finishWriting(.requestComplete))
    let action = BytesReceivedAction(answering: head, in: form, options)
    if case .startStream = action { phase = .streaming(discarded: 0) }
    return action
  }

  /// Skips all bytes. Returns the total skipped so far, or nil above the limit.
  private static func discard(_ bytes: Span<UInt8>, from index: inout Int, after discarded: UInt32) -> UInt32?
  {
    let total = Int(discarded) + bytes.count - index
    index = bytes.count
    return total <= discardLimit ? UInt32(total) : nil
  }
}
