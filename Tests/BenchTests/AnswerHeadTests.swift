import Testing

@testable import Bench

@Suite struct AnswerHeadTests {
  @Test("A head is complete with its empty line, and gives the beginning of the body")
  func complete() {
    let text =
      "HTTP/1.1 200 OK\r\nCONTENT-TYPE: text/event-stream; charset=utf-8\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\nretry:1\n\n"
    let bytes = Array(text.utf8)
    let size = bytes.count - 9
    for count in 0..<size {
      #expect(AnswerHead.parse(Array(bytes[..<count])) == .incomplete, "\(count) bytes")
    }
    let head = AnswerHead(status: 200, isEventStream: true, isChunked: true)
    #expect(AnswerHead.parse(bytes) == .complete(head, count: size))
  }

  @Test("A refusal is recognized by its status, its Retry-After, or by its closing")
  func refusals() {
    let unavailable = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nConnection: close\r\n\r\n"
    #expect(
      AnswerHead.parse(Array(unavailable.utf8))
        == .complete(
          AnswerHead(status: 503, closes: true, retryAfterSeconds: 7), count: unavailable.utf8.count))
    let released = "HTTP/1.1 200 OK\r\nContent-Type:text/event-stream\r\nConnection:close\r\n\r\n"
    #expect(
      AnswerHead.parse(Array(released.utf8))
        == .complete(AnswerHead(status: 200, isEventStream: true, closes: true), count: released.utf8.count))
  }

  @Test(
    "Bytes that are not HTTP are malformed",
    arguments: ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nx\r\n\r\n"])
  func malformed(text: String) {
    #expect(AnswerHead.parse(Array(text.utf8)) == .malformed)
  }

  @Test("A head without end is rejected")
  func endless() {
    #expect(AnswerHead.parse([UInt8](repeating: 65, count: AnswerHead.maximumCount)) == .incomplete)
    #expect(AnswerHead.parse([UInt8](repeating: 65, count: AnswerHead.maximumCount + 1)) == .malformed)
  }
}
