import Testing

@testable import Telemetry

@Suite struct OpenTelemetryAnswerTests {
  private static let partial = #"{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"no room"}}"#

  private static func answer(_ text: String) -> OpenTelemetryAnswer {
    var answer = OpenTelemetryAnswer()
    // Byte by byte.
    for byte in text.utf8 { answer.received([byte].span) }
    return answer
  }

  private static func whole(_ body: String, _ fields: String = "") -> String {
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test(
    "a good answer rejects no points",
    arguments: [
      "", "{}", #"{"partialSuccess":{}}"#, #"{"partialSuccess":null}"#, "not JSON", "[]",
      #"{"partialSuccess":{"rejectedDataPoints":"0"}}"#, #"{"partialSuccess":{"rejectedDataPoints":0}}"#,
      // A warning, which needs no action.
      #"{"partialSuccess":{"errorMessage":"old names"}}"#,
    ])
  func good(body: String) {
    let answer = Self.answer(Self.whole(body))
    #expect(answer.isComplete && answer.isGood && answer.failure == nil)
  }

  @Test("rejected points are reported in the receiver's words even if the status is good")
  func rejected() {
    #expect(Self.answer(Self.whole(Self.partial)).failure == "it rejected 3 data points: no room")
    let number = #"{"partialSuccess":{"rejectedDataPoints":12}}"#
    #expect(Self.answer(Self.whole(number)).failure == "it rejected 12 data points")
    let long = String(repeating: "x", count: 5_000)
    let wordy = #"{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"\#(long)"}}"#
    #expect(Self.answer(Self.whole(wordy)).failure?.utf8.count == 227)
  }

  @Test("an answer may be in chunks, or end with its connection")
  func framing() {
    let head = "HTTP/1.1 200 OK\r\n"
    let (first, second) = (Self.partial.prefix(20), Self.partial.dropFirst(20))
    let chunked =
      "\(head)Transfer-Encoding: chunked\r\n\r\n14\r\n\(first)\r\n\(String(second.utf8.count, radix: 16));x=y\r\n\(second)\r\n"
    #expect(!Self.answer(chunked).isComplete)
    let answer = Self.answer(chunked + "0\r\n\r\n")
    #expect(answer.isComplete && answer.failure == "it rejected 3 data points: no room")
    let unframed = Self.answer("\(head)\r\n\(Self.partial)")
    #expect(!unframed.isComplete && unframed.failure == "it rejected 3 data points: no room")
  }

  @Test("any other status is a failure at once, without waiting for the end of the answer")
  func other() {
    #expect(Self.answer("HTTP/1.1 503").failure == "it answered with 503")
    #expect(Self.answer("HTTP/1.1 503").isComplete && !Self.answer("HTTP/1.1 50").isComplete)
    #expect(Self.answer("SSH-2.0-OpenSSH").failure == "its answer is not HTTP")
    let endless = Self.answer("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: " ", count: 20_000))
    #expect(endless.isComplete && endless.failure == nil)
  }

  @Test(
    "an address without a path is a base; any other path is used unchanged",
    arguments: [
      ("/", "/v1/metrics"), ("/?key=1", "/v1/metrics?key=1"), ("/v1/metrics", "/v1/metrics"),
      ("/otlp", "/otlp"), ("/otlp/", "/otlp/"), ("//", "//"),
    ])
  func targets(path: String, target: String) {
    #expect(OpenTelemetryReceiver.target(path) == target)
  }
}
