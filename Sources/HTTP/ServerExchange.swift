/// The requests of one HTTP/1 connection, one after the other, as the server sees them: head, body, answer.
///
/// ```
///   readingHead ──► readingBody ──► answering ──► readingHead   the client keeps the connection
///       │               │               ├───────► over          it does not
///       │               │               └───────► streaming     the answer has no end
///       └── refused ────┴───────────────────────► over
/// ```
///
/// It is a pure machine: it parses received bytes, and returns the requests. The driver keeps the bytes that it does
/// not take, writes the answers, and limits the time of a client. Bytes after a request wait until it is answered, so
/// the answers are in the order of the requests.
package struct ServerExchange: Sendable {
  /// Why a request is refused before anything is done about it. Its answer is the last of the connection.
  package enum Refusal: Equatable, Sendable {
    /// The head is not valid.
    case head(RequestHeadError)
    /// The body is longer than allowed.
    case bodyTooLong(maximum: Int)

    /// The status of the answer.
    package var status: Status {
      switch self {
      case .head(let error): error.status
      case .bodyTooLong: .contentTooLarge
      }
    }

    /// One line for the answer's body. It quotes nothing from the request.
    package var explanation: String {
      switch self {
      case .head(let error): "\(error.explanation)"
      case .bodyTooLong(let maximum): "The body is longer than \(maximum) bytes."
      }
    }
  }

  /// What the driver does about received bytes.
  package enum BytesReceivedAction: Equatable, Sendable {
    /// Nothing. Bytes that were not taken wait for an answer.
    case wait
    /// A request is complete: determine the answer, then call ``ServerExchange/answered()`` or
    /// ``ServerExchange/streamBegan()``.
    case answer(RequestHead, body: [UInt8])
    /// Send this refusal, and end the connection after it.
    case refuse(Refusal)
    /// End the connection at once: the client sends further requests, and reads nothing.
    case close
  }

  private enum State {
    case readingHead(RequestHeadParser)
    case readingBody(RequestHead, [UInt8])
    case answering(ResponseForm)
    case streaming
    case over
  }

  private let bodyMaximum: Int
  private let pipelineMaximum: Int
  private var state = State.readingHead(RequestHeadParser())

  /// The exchange of a client that has just connected.
  ///
  /// - Parameters:
  ///   - bodyMaximum: how many bytes the body of a request may have.
  ///   - pipelineMaximum: how many bytes may arrive after a request that is not answered yet.
  package init(bodyMaximum: Int, pipelineMaximum: Int) {
    self.bodyMaximum = bodyMaximum
    self.pipelineMaximum = pipelineMaximum
  }

  /// True while an answer without an end is being sent.
  package var isStreaming: Bool {
    if case .streaming = state { true } else { false }
  }

  /// Bytes arrived, or a request was answered. To be called again with the remaining bytes until it returns that
  /// there is nothing to do.
  ///
  /// - Parameters:
  ///   - bytes: the received bytes that were not taken yet.
  ///   - index: where to begin in them; advanced past the last byte that was taken.
  package mutating func bytesReceived(_ bytes: Span<UInt8>, from index: inout Int) -> BytesReceivedAction {
    switch state {
    case .readingHead(let parser): return readHead(parser, bytes, from: &index)
    case .readingBody(let head, let body): return readBody(of: head, after: body, bytes, from: &index)
    case .answering: return bytes.count - index > pipelineMaximum ? .close : .wait
    case .streaming, .over:
      index = bytes.count
      return .wait
    }
  }

  /// The request is answered.
  ///
  /// - Returns: the form of the answer. Nil if there is no request, or the connection is over: then nothing is written.
  package mutating func answered() -> ResponseForm? {
    guard case .answering(let form) = state else { return nil }
    state = form.isKeepAlive ? .readingHead(RequestHeadParser()) : .over
    return form
  }

  /// The request is answered by a stream: nothing more is read.
  ///
  /// - Returns: false if there is no request, or the connection is over: then nothing is written.
  package mutating func streamBegan() -> Bool {
    guard case .answering = state else { return false }
    state = .streaming
    return true
  }

  /// The connection is over.
  package mutating func connectionEnded() {
    state = .over
  }

  private mutating func readHead(
    _ parser: RequestHeadParser, _ bytes: Span<UInt8>, from index: inout Int
  ) -> BytesReceivedAction {
    var parser = parser
    do throws(RequestHeadError) {
      guard let head = try parser.parse(bytes, from: &index) else {
        state = .readingHead(parser)
        return .wait
      }
      guard head.contentLength <= bodyMaximum else { return refuse(.bodyTooLong(maximum: bodyMaximum)) }
      return readBody(of: head, after: [], bytes, from: &index)
    } catch {
      return refuse(.head(error))
    }
  }

  private mutating func readBody(
    of head: RequestHead, after received: [UInt8], _ bytes: Span<UInt8>, from index: inout Int
  ) -> BytesReceivedAction {
    var body = received
    let end = index + min(head.contentLength - body.count, bytes.count - index)
    body.reserveCapacity(body.count + end - index)
    while index < end {
      body.append(bytes[index])
      index += 1
    }
    guard body.count == head.contentLength else {
      state = .readingBody(head, body)
      return .wait
    }
    state = .answering(ResponseForm(for: head))
    return .answer(head, body: body)
  }

  private mutating func refuse(_ refusal: Refusal) -> BytesReceivedAction {
    state = .over
    return .refuse(refusal)
  }
}
