import EdgeCore
import HTTP
import Testing

/// The limit on requests of one connection.
@Suite struct ClientSessionLimitTests {
  /// The forms of the answers to a number of equal requests, and the action after the last of them.
  private func answers(
    to text: String, count: Int, options: SessionOptions
  ) -> (forms: [ResponseForm], end: ClientSession.ResponseWrittenAction?) {
    var session = ClientSession()
    var forms: [ResponseForm] = []
    var end: ClientSession.ResponseWrittenAction?
    for _ in 0..<count {
      switch session.receive(text, options: options).action {
      case .send(_, let form), .serve(_, let form): forms.append(form)
      default: break
      }
      end = session.isReading ? nil : session.responseWritten()
    }
    return (forms, end)
  }

  @Test(
    "The answer to the last allowed request announces the end and ends the connection",
    arguments: [1, 2, 1_000])
  func lastRequest(maximum: Int) {
    let options = SessionOptions(requestsMaximum: maximum)
    let before = answers(to: request("GET /healthz"), count: maximum - 1, options: options)
    #expect(before.forms.allSatisfy(\.isKeepAlive) && before.forms.count == maximum - 1)
    #expect(before.end == (maximum == 1 ? nil : .readOn))
    let last = answers(to: request("GET /healthz"), count: maximum, options: options)
    #expect(last.forms.last == .last(with: usualFields))
    #expect(last.end == .finishWriting(.requestComplete))
    // A further request is skipped like all bytes while a connection ends.
    let after = answers(to: request("GET /healthz"), count: maximum + 1, options: options)
    #expect(after.forms == last.forms)
  }

  @Test("1,000 requests are answered by default")
  func standard() {
    let (forms, end) = answers(to: request("GET /nothing"), count: 1_001, options: SessionOptions())
    #expect(forms.count == 1_000)
    #expect(forms.firstIndex { !$0.isKeepAlive } == 999)
    #expect(end == nil)
  }

  @Test("The greatest limit is reached without a trap")
  func greatest() {
    let options = SessionOptions(requestsMaximum: SessionOptions.allowedRequests.upperBound)
    let (forms, end) = answers(to: request("OPTIONS *"), count: 65_535, options: options)
    #expect(forms.count == 65_535)
    #expect(forms.firstIndex { !$0.isKeepAlive } == 65_534)
    #expect(end == .finishWriting(.requestComplete))
  }

  @Test("The last answer to HEAD has no body either")
  func lastHead() {
    let (forms, _) = answers(
      to: request("HEAD /healthz"), count: 1, options: SessionOptions(requestsMaximum: 1))
    #expect(forms.map(\.omitsBody) == [true])
    #expect(forms.map(\.isKeepAlive) == [false])
  }

  @Test("HEAD of a stream counts, and the connection ends behind the last one")
  func streamHead() {
    let options = SessionOptions(requestsMaximum: 2)
    #expect(answers(to: request("HEAD /subscribe/eps"), count: 1, options: options).end == .readOn)
    #expect(
      answers(to: request("HEAD /subscribe/eps"), count: 2, options: options).end
        == .finishWriting(.requestComplete))
  }

  @Test("A stream may be the last request")
  func stream() throws {
    var session = ClientSession()
    let options = SessionOptions(requestsMaximum: 2)
    _ = session.receive(request("GET /healthz"), options: options)
    #expect(session.responseWritten() == .readOn)
    let text = request("GET /subscribe/raw")
    #expect(
      session.receive(text, options: options).action == .startStream(Subscription(.raw), try parsedHead(text))
    )
    session.end(.shutdown)
    #expect(session.responseWritten() == .finishWriting(.shutdown))
  }

  @Test("Pipelined requests beyond the limit are never answered, nor is the body of the last one awaited")
  func pipelined() {
    var session = ClientSession()
    let options = SessionOptions(requestsMaximum: 1)
    let first = request("GET /healthz", fields: ["Content-Length: 5"])
    let bytes = Array((first + "hello" + request("GET /subscribe/raw")).utf8)
    var index = 0
    let action = session.bytesReceived(bytes.span, from: &index, options: options)
    #expect(action == .serve(.health, .last(with: usualFields)))
    #expect(session.responseWritten() == .finishWriting(.requestComplete))
    let rest = session.bytesReceived(bytes.span, from: &index, options: options)
    #expect(rest == .wait)
    #expect(index == bytes.count)
    #expect(session.deadlineHit(options: SessionOptions()) == .close(.requestComplete))
  }
}
