import EdgeCore
import HTTP
import Testing

/// The head of a request in HTTP/1.1, with a Host, these fields and the empty line.
func request(_ methodAndTarget: String, fields: [String] = []) -> String {
  "\(methodAndTarget) HTTP/1.1\r\nHost: a\r\n" + fields.map { "\($0)\r\n" }.joined() + "\r\n"
}

func parsedHead(_ text: String) throws -> RequestHead {
  var parser = RequestHeadParser()
  var index = 0
  let bytes = Array(text.utf8)
  return try #require(try parser.parse(bytes.span, from: &index))
}

/// The default header fields of every answer.
let usualFields = SessionOptions().fields.shared

func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

extension ClientSession {
  /// The first action other than waiting for these bytes, and the number of bytes taken.
  mutating func receive(
    _ text: String, options: SessionOptions = SessionOptions()
  ) -> (action: BytesReceivedAction, taken: Int) {
    let bytes = Array(text.utf8)
    var index = 0
    let action = bytesReceived(bytes.span, from: &index, options: options)
    return (action, index)
  }
}

extension ClientSession.BytesReceivedAction {
  /// The status of a response from the session itself.
  var status: Status? {
    if case .send(let response, _) = self { response.status } else { nil }
  }
}
