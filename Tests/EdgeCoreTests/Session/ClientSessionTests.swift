import EdgeCore
import HTTP
import Testing

@Suite struct ClientSessionTests {
  @Test("A client asks for a stream, streams, and leaves")
  func stream() throws {
    var session = ClientSession()
    let text = request("GET /subscribe/eps", fields: ["User-Agent: test"])
    #expect(session.receive(text).action == .startStream(Subscription(.eps(.full)), try parsedHead(text)))
    #expect(session.isReading)
    #expect(session.deadlineHit(options: SessionOptions()) == .wait)
    #expect(session.peerClosedItsSide() == .close(.peerClosed))
  }

  @Test("A streaming session takes 24 bytes")
  func size() {
    #expect(MemoryLayout<ClientSession>.size <= 24)
  }

  @Test("Two requests on one connection are answered one after the other, the second waits unread")
  func pipelining() throws {
    var session = ClientSession()
    let bytes = Array(
      (request("GET /healthz") + request("HEAD /metrics", fields: ["Connection: close"])).utf8)
    var index = 0
    let first = session.bytesReceived(bytes.span, from: &index, options: SessionOptions())
    #expect(
      first
        == .serve(.health, ResponseForm(for: try parsedHead(request("GET /healthz")), fields: usualFields)))
    #expect(index == request("GET /healthz").utf8.count)
    #expect(!session.isReading)
    let early = session.bytesReceived(bytes.span, from: &index, options: SessionOptions())
    #expect(early == .wait)
    #expect(index == request("GET /healthz").utf8.count)
    #expect(session.responseWritten() == .readOn)
    guard
      case .serve(.metrics, let form) = session.bytesReceived(
        bytes.span, from: &index, options: SessionOptions())
    else { return #expect(Bool(false), "no second page") }
    #expect(form.omitsBody && !form.isKeepAlive)
    #expect(index == bytes.count)
    #expect(session.responseWritten() == .finishWriting(.requestComplete))
    #expect(session.peerClosedItsSide() == .close(.requestComplete))
  }

  @Test("The actions are the same however the bytes are divided")
  func everySplit() {
    let text =
      request("GET /healthz") + request("POST /nothing", fields: ["Content-Length: 5"]) + "GET /"
      + request("OPTIONS *") + request("GET /subscribe/details/2665") + request("GET /healthz")
    let bytes = Array(text.utf8)
    let whole = actions([bytes])
    #expect(whole.count == 4)
    for cut in 0...bytes.count {
      #expect(actions([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
    }
    #expect(actions(bytes.map { [$0] }) == whole)
  }

  @Test("HEAD of a stream gets the head and makes no subscription")
  func streamHead() {
    var session = ClientSession()
    #expect(session.receive(request("HEAD /subscribe/raw")).action == .sendStreamHead(.http11))
    #expect(session.responseWritten() == .readOn)
    #expect(session.receive("HEAD /subscribe/raw HTTP/1.0\r\n\r\n").action == .sendStreamHead(.http10))
    #expect(session.responseWritten() == .finishWriting(.requestComplete))
  }

  @Test("The body of a request is skipped before the next request", arguments: [1, 65535, 65536])
  func body(count: Int) {
    var session = ClientSession()
    let text =
      request("GET /healthz", fields: ["Content-Length: \(count)"]) + String(repeating: "G", count: count)
    #expect(actions([Array((text + request("GET /nothing")).utf8)], session: &session).count == 2)
    #expect(session.responseWritten() == .readOn)
  }

  @Test("A client that is rejected or released gets its last bytes, then the connection ends")
  func end() {
    for reason in [CloseReason.overLimit, .shutdown] {
      var session = ClientSession()
      _ = session.receive(request("GET /subscribe/raw"))
      session.end(reason)
      #expect(!session.isReading)
      #expect(session.responseWritten() == .finishWriting(reason))
      #expect(session.receive("more").taken == 4)
      #expect(session.deadlineHit(options: SessionOptions()) == .close(reason))
    }
  }

  /// All actions for these pieces. Each response is written before the next byte is read.
  private func actions(_ pieces: [[UInt8]], session: inout ClientSession) -> [ClientSession
    .BytesReceivedAction]
  {
    var actions: [ClientSession.BytesReceivedAction] = []
    for piece in pieces {
      var index = 0
      while index < piece.count {
        if !session.isReading { _ = session.responseWritten() }
        let action = session.bytesReceived(piece.span, from: &index, options: SessionOptions())
        if action != .wait { actions.append(action) }
      }
    }
    return actions
  }

  private func actions(_ pieces: [[UInt8]]) -> [ClientSession.BytesReceivedAction] {
    var session = ClientSession()
    return actions(pieces, session: &session)
  }
}
