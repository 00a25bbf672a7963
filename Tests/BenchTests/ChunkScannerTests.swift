import Testing

@testable import Bench

@Suite struct ChunkScannerTests {
  private func body(_ pieces: [[UInt8]]) -> (text: String, isOver: Bool) {
    var scanner = ChunkScanner()
    var body: [UInt8] = []
    for piece in pieces {
      var index = 0
      while let run = scanner.nextRun(in: piece.span, from: &index) { body += piece[run] }
    }
    return (String(decoding: body, as: UTF8.self), scanner.isOver)
  }

  @Test("The chunks' payloads are the body, however the bytes are divided, and the last chunk is recognized")
  func cuts() {
    let bytes = Array(
      "3\r\nabc\r\n1A;x=y\r\n\(String(repeating: "\r\n", count: 13))\r\n1\r\n0\r\n0\r\n\r\n".utf8)
    let expected = "abc" + String(repeating: "\r\n", count: 13) + "0"
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let whole = body([Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])])
        #expect(whole == (expected, true), "cut at \(first) and \(second)")
      }
    }
  }

  @Test("A body without a last chunk is incomplete")
  func cut() {
    #expect(body([Array("3\r\nabc\r\n".utf8)]) == ("abc", false))
    #expect(body([Array("3\r\nab".utf8)]) == ("ab", false))
  }
}
