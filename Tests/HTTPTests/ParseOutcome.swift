import HTTP

/// The results of a parser for a sequence of bytes.
struct ParseOutcome: Equatable {
  var heads: [RequestHead] = []
  var error: RequestHeadError?

  /// Feeds the pieces one after the other, and continues after each head as a connection would.
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

/// The head of a GET with a Host, these fields, and the final empty line.
func get(_ target: String = "/", fields: [String] = []) -> String {
  "GET \(target) HTTP/1.1\r\nHost: a\r\n" + fields.map { "\($0)\r\n" }.joined() + "\r\n"
}
