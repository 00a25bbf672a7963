/// One HTTP/1 request after another over one connection, as its server sees them: head, body, answer, and the next request.
///
/// ```
///   readingHead ──► readingBody ──► answering ──► readingHead   the client keeps the connection
///       │               │               ├───────► over          it does not
///       │               │               └───────► streaming     the answer has no end
///       └── refused ────┴───────────────────────► over
/// ```
///
/// It is a pure machine: it reads what was received, and says what is asked. The driver keeps the bytes that it does not
/// take, writes the answers, and knows how long a client may take for all of it. What comes behind a request waits until that is
/// answered, so that answers are in the order of their requests.
public struct ServerExchange: Sendable {
  /// Why a request is refused before anything is done about it. Its answer is the last of the connection.
  public enum Refusal: Equatable, Sendable {
    /// Its head is no good.
    case head(RequestHeadError)
    /// Its body is longer than allowed.
    case bodyTooLong(maximum: Int)

    /// What it is answered with.
    public var status: Status {
      switch self {
      case .head(let error): error.status
      case .bodyTooLong: .contentTooLarge
      }
    }

    /// One line for the person at the other end. It quotes nothing of the request.
    public var explanation: String {
      switch self {
      case .head(let error): "\(error.explanation)"
      case .bodyTooLong(let maximum): "The body is longer than \(maximum) bytes."
      }
    }
  }

  /// What to do about received bytes.
  public enum BytesReceivedAction: Equatable, Sendable {
    /// Nothing. What was not taken waits for an answer.
    case wait
    /// A request is complete: work out what to say, then call ``ServerExchange/answered()`` or ``ServerExchange/streamBegan()``.
    case answer(RequestHead, body: [UInt8])
    /// Say why not, and end the connection with that.
    case refuse(Refusal)
    /// End the connection at once: the client asks for more, and reads nothing.
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
  ///   - pipelineMaximum: how many bytes may come behind a request that is not answered yet.
  public init(bodyMaximum: Int, pipelineMaximum: Int) {
    self.bodyMaximum = bodyMaximum
    self.pipelineMaximum = pipelineMaximum
  }

  /// True while what is sent is an answer without an end.
  public var isStreaming: Bool {
    if case .streaming = state { true } else { false }
  }

  /// Bytes came in, or a request was answered. To be called again, with what is left of the bytes, until it says that there is
  /// nothing to do.
  ///
  /// - Parameters:
  ///   - bytes: what was received and not taken yet.
  ///   - index: where to begin in it; moved behind the last byte that was taken.
  public mutating func bytesReceived(_ bytes: Span<UInt8>, from index: inout Int) -> BytesReceivedAction {
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
  /// - Returns: the form in which the answer is to be written. Nil if nothing was asked, or the connection is over by now: then
  ///   nothing is written.
  public mutating func answered() -> ResponseForm? {
    guard case .answering(let form) = state else { return nil }
    state = form.isKeepAlive ? .readingHead(RequestHeadParser()) : .over
    return form
  }

  /// The request is answered by what has no end: nothing more is read.
  ///
  /// - Returns: false if nothing was asked, or the connection is over by now: then nothing is written.
  public mutating func streamBegan() -> Bool {
    guard case .answering = state else { return false }
    state = .streaming
    return true
  }

  /// The connection is over.
  public mutating func connectionEnded() {
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
