import HTTP

/// Everything that came out of a parser that was fed all of some bytes.
struct ParseOutcome: Equatable {
  var heads: [RequestHead] = []
  var error: RequestHeadError?

  /// Feeds the pieces one after the other, and pipelined heads as a connection would.
  init(_ pieces: [[UInt8]]) {
    var parser = RequestHeadParser()
    for piece in pieces {
      var index = 0
      while index < piece.count {
        do {
          if let head = try parser.parse(piece.span, from: &index) { heads.append(head) }
        } catch {
          self.error = error
          return
        }
      }
    }
  }

  init(_ text: String) { self.init([Array(text.utf8)]) }
}

/// The head of a GET with these fields behind a Host, and the empty line.
func get(_ target: String = "/", fields: [String] = []) -> String {
  "GET \(target) HTTP/1.1\r\nHost: a\r\n" + fields.map { "\($0)\r\n" }.joined() + "\r\n"
}
