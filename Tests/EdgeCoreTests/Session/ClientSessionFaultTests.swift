import EdgeCore
import HTTP
import TestSupport
import Testing

/// How a session handles clients that are slow, broken or malicious.
@Suite struct ClientSessionFaultTests {
  @Test(
    "A bad request is answered, the connection ends, and further bytes are never parsed",
    arguments: [
      ("GET / HTTP/1.1\nHost: a\n\n", Status.badRequest),
      (request("GET /", fields: ["Transfer-Encoding: chunked"]), .lengthRequired),
      (request("GET /", fields: ["Content-Length: 65537"]), .contentTooLarge),
      (request("GET /" + String(repeating: "a", count: 8192)), .uriTooLong),
      ("GET / HTTP/3.0\r\n\r\n", .httpVersionNotSupported),
    ])
  func badRequest(text: String, status: Status) {
    var session = ClientSession()
    let (action, taken) = session.receive(text + request("GET /subscribe/raw"))
    #expect(action.status == status)
    if case .send(_, let form) = action { #expect(form == .last(with: usualFields)) }
    #expect(taken == (text + request("GET /subscribe/raw")).utf8.count)
    #expect(session.responseWritten() == .finishWriting(.badRequest))
    #expect(session.receive(request("GET /subscribe/raw")).action == .wait)
    #expect(session.peerClosedItsSide() == .close(.badRequest))
  }

  @Test("A streaming client may send 65,536 bytes more, which are discarded", arguments: [-1, 0, 1])
  func discardLimitOfStreams(excess: Int) {
    var session = ClientSession()
    _ = session.receive(request("GET /subscribe/raw"))
    #expect(session.receive(String(repeating: "GET /", count: 13_000)).action == .wait)
    let rest = String(repeating: "x", count: 536 + excess)
    #expect(session.receive(rest).action == (excess > 0 ? .close(.badRequest) : .wait))
  }

  @Test("Requests behind that of a stream are skipped")
  func pipelinedBehindStream() {
    var session = ClientSession()
    let first = request("GET /subscribe/raw")
    let bytes = Array((first + request("GET /healthz")).utf8)
    var index = 0
    _ = session.bytesReceived(bytes.span, from: &index, options: SessionOptions())
    #expect(index == first.utf8.count)
    let action = session.bytesReceived(bytes.span, from: &index, options: SessionOptions())
    #expect(action == .wait)
    #expect(index == bytes.count)
  }

  @Test(
    "A client that still sends while its connection ends is cut off at 65,536 bytes", arguments: [-1, 0, 1])
  func discardLimitOfEndings(excess: Int) {
    var session = ClientSession()
    _ = session.receive("\0")
    _ = session.responseWritten()
    let flood = String(repeating: "x", count: 65_536 + excess)
    #expect(session.receive(flood).action == (excess > 0 ? .close(.badRequest) : .wait))
  }

  @Test("A client that sends nothing is closed without an answer")
  func silence() {
    var session = ClientSession()
    #expect(session.deadlineHit(options: SessionOptions()) == .close(.headTimeout))
    var served = ClientSession()
    _ = served.receive(request("GET /healthz"))
    _ = served.responseWritten()
    #expect(served.deadlineHit(options: SessionOptions()) == .close(.requestComplete))
  }

  @Test("A client with a slow request gets an error, at any place in the head")
  func slowHead() {
    let text = request("GET /healthz")
    for count in 1..<text.utf8.count {
      var session = ClientSession()
      #expect(session.receive(String(decoding: text.utf8.prefix(count), as: UTF8.self)).action == .wait)
      guard case .send(let response, let form) = session.deadlineHit(options: SessionOptions()) else {
        Issue.record("no answer after \(count) bytes")
        continue
      }
      #expect(response.status == .requestTimeout)
      #expect(form == .last(with: usualFields))
      #expect(session.responseWritten() == .finishWriting(.headTimeout))
    }
  }

  @Test("A client with a slow body is closed")
  func slowBody() {
    var session = ClientSession()
    _ = session.receive(request("GET /healthz", fields: ["Content-Length: 3"]))
    #expect(session.responseWritten() == .readOn)
    #expect(session.receive("ab").action == .wait)
    #expect(session.deadlineHit(options: SessionOptions()) == .close(.headTimeout))
  }

  @Test("A client that leaves before its request is complete is closed")
  func leavesEarly() {
    var session = ClientSession()
    #expect(session.peerClosedItsSide() == .close(.peerClosed))
    _ = session.receive("GET /")
    #expect(session.peerClosedItsSide() == .close(.peerClosed))
  }

  @Test("A client that closes its side behind its request still gets the answer")
  func halfClosed() {
    var session = ClientSession()
    _ = session.receive(request("GET /healthz"))
    #expect(session.deadlineHit(options: SessionOptions()) == .wait)
    #expect(session.peerClosedItsSide() == .wait)
    #expect(session.responseWritten() == .close(.peerClosed))
    var refused = ClientSession()
    _ = refused.receive("\0")
    #expect(refused.peerClosedItsSide() == .wait)
    #expect(refused.responseWritten() == .close(.badRequest))
  }

  @Test("A session answers, waits or closes, for any input in any order")
  func fuzz() {
    let seed: UInt64 = 17
    var random = SeededGenerator(seed: seed)
    let texts = [
      request("GET /healthz"), request("GET /subscribe/raw"), request("HEAD /subscribe/eps"), "GET", "\r\n",
      "\0",
      request("GET /nothing", fields: ["Connection: close"]),
      request("POST /", fields: ["Content-Length: 9"]), "xxxxxxxxx",
    ]
    var closings: Set<CloseReason> = []
    for _ in 0..<5_000 {
      var session = ClientSession()
      var isStreaming = false
      var isOver = false
      for _ in 0..<20 where !isOver {
        let ending: ClientSession.EndingAction
        switch Int.random(in: 0..<8, using: &random) {
        case 0: ending = session.peerClosedItsSide()
        case 1: ending = session.deadlineHit(options: SessionOptions())
        case 2 where isStreaming:
          session.end(.shutdown)
          (isStreaming, ending) = (false, .wait)
        default:
          ending = .wait
          let action = session.receive(texts.randomElement(using: &random) ?? "").action
          if case .startStream = action { isStreaming = true }
          if case .close = action { isOver = true }
        }
        if case .close(let reason) = ending {
          closings.insert(reason)
          isOver = true
        }
        if !isOver && !session.isReading, case .close(let reason) = session.responseWritten() {
          closings.insert(reason)
          isOver = true
        }
      }
    }
    #expect(
      closings == [.peerClosed, .headTimeout, .badRequest, .requestComplete, .shutdown], "seed \(seed)")
  }
}
