import HTTP
import Testing

@Suite("ServerExchange")
struct ServerExchangeTests {
  /// A connection's bytes, and what the exchange made of them.
  struct Client {
    var exchange = ServerExchange(bodyMaximum: 8, pipelineMaximum: 100)
    var waiting: [UInt8] = []

    /// Sends bytes, and lets the exchange take what it wants.
    mutating func send(_ bytes: [UInt8]) -> ServerExchange.BytesReceivedAction {
      waiting += bytes
      let bytes = waiting
      var index = 0
      let action = exchange.bytesReceived(bytes.span, from: &index)
      waiting.removeFirst(index)
      return action
    }

    mutating func send(_ text: String = "") -> ServerExchange.BytesReceivedAction { send(Array(text.utf8)) }
  }

  static func post(_ body: String, fields: [String] = []) -> String {
    let lines = ["POST / HTTP/1.1", "Host: a", "Content-Length: \(body.utf8.count)"] + fields + ["", ""]
    return lines.joined(separator: "\r\n") + body
  }

  static func body(_ action: ServerExchange.BytesReceivedAction) -> String? {
    guard case .answer(_, let body) = action else { return nil }
    return String(decoding: body, as: UTF8.self)
  }

  static func path(_ action: ServerExchange.BytesReceivedAction) -> String? {
    guard case .answer(let head, _) = action else { return nil }
    return head.target.path
  }

  @Test("a request is asked when its body is complete, however it is cut")
  func body() throws {
    let bytes = Array(Self.post("12345678").utf8)
    for cut in 1..<bytes.count {
      var client = Client()
      #expect(client.send(Array(bytes[..<cut])) == .wait, "cut at \(cut)")
      #expect(Self.body(client.send(Array(bytes[cut...]))) == "12345678", "cut at \(cut)")
    }
    var client = Client()
    for byte in bytes.dropLast() { #expect(client.send([byte]) == .wait) }
    #expect(Self.body(client.send([UInt8(ascii: "8")])) == "12345678")
  }

  @Test("the next request is asked when the one before it is answered")
  func pipelined() throws {
    var client = Client()
    #expect(Self.path(client.send(get("/a") + get("/b") + "GET /c")) == "/a")
    #expect(client.send() == .wait)
    #expect(client.exchange.answered()?.isKeepAlive == true)
    #expect(Self.path(client.send()) == "/b")
    #expect(client.exchange.answered() != nil)
    #expect(client.send() == .wait)
    #expect(Self.path(client.send(" HTTP/1.1\r\nHost: a\r\n\r\n")) == "/c")
  }

  @Test("a body is not taken for the next request")
  func bodyIsNoRequest() {
    var client = Client()
    #expect(Self.body(client.send(Self.post("GET / HT") + get("/b"))) == "GET / HT")
    #expect(client.exchange.answered() != nil)
    #expect(Self.path(client.send()) == "/b")
  }

  @Test("a body of the greatest length is read, and a longer one is refused before any of it comes")
  func bodyTooLong() {
    var client = Client()
    #expect(Self.body(client.send(Self.post("12345678"))) == "12345678")
    client = Client()
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
    let refusal = ServerExchange.Refusal.bodyTooLong(maximum: 8)
    #expect(client.send(head) == .refuse(refusal))
    #expect(refusal.status == .contentTooLarge && refusal.explanation == "The body is longer than 8 bytes.")
    #expect(client.exchange.answered() == nil)
  }

  @Test("behind a head that is no good nothing is read")
  func malformed() {
    var client = Client()
    #expect(client.send("GET /\r\n\r\n" + get("/b")) == .refuse(.head(.malformedRequestLine)))
    #expect(client.send(get("/b")) == .wait)
    #expect(client.waiting.isEmpty)
    #expect(client.exchange.answered() == nil)
    #expect(ServerExchange.Refusal.head(.malformedRequestLine).status == .badRequest)
  }

  @Test("after the last answer nothing is asked")
  func last() {
    var client = Client()
    #expect(Self.path(client.send(get("/a", fields: ["Connection: close"]) + get("/b"))) == "/a")
    #expect(client.exchange.answered()?.isKeepAlive == false)
    #expect(client.send() == .wait)
    #expect(client.exchange.answered() == nil)
  }

  @Test("the answer to HEAD has no body")
  func head() {
    var client = Client()
    _ = client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(client.exchange.answered()?.omitsBody == true)
  }

  @Test("a request is answered once")
  func once() {
    var client = Client()
    #expect(client.exchange.answered() == nil)
    #expect(client.exchange.streamBegan() == false)
    _ = client.send(get("/a"))
    #expect(client.exchange.answered() != nil)
    #expect(client.exchange.answered() == nil)
    #expect(client.exchange.streamBegan() == false)
  }

  @Test("a client that is sent a stream is read no more")
  func stream() {
    var client = Client()
    _ = client.send(get("/a"))
    #expect(!client.exchange.isStreaming)
    #expect(client.exchange.streamBegan() == true)
    #expect(client.exchange.isStreaming)
    #expect(client.send(get("/b")) == .wait)
    #expect(client.waiting.isEmpty)
    #expect(client.exchange.answered() == nil)
  }

  @Test("a client that asks on and on without waiting for an answer is left")
  func pipelineTooLong() {
    var client = Client()
    _ = client.send(get("/a"))
    #expect(client.send(String(repeating: "x", count: 100)) == .wait)
    #expect(client.send("x") == .close)
  }

  @Test("an answer that comes after the end of the connection goes nowhere")
  func ended() {
    var client = Client()
    _ = client.send(get("/a"))
    client.exchange.connectionEnded()
    #expect(client.exchange.answered() == nil)
    #expect(client.exchange.streamBegan() == false)
    #expect(client.send(get("/b")) == .wait)
  }
}
