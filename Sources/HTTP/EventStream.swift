import Primitives

/// Writes the events of `text/event-stream` (WHATWG HTML §9.2). `data:` and the like are written only here.
///
/// Lines end in LF alone. No space follows a colon: the predecessors wrote none, and clients with simple parsers rely
/// on it. Every function appends a whole event or a whole line, so that a stream can end after any of them.
///
/// A blank line ends an event and occurs nowhere else: many client libraries treat any other one as an empty message.
/// So a comment and a `retry:` are lines before the next event, or at the end of the stream.
package enum EventStream {
  /// The media type, exactly as the API's acceptance test demands it.
  package static let mediaType: FieldValue = "text/event-stream; charset=utf-8"

  /// A comment, which every client ignores and every proxy treats as activity.
  package static let comment: [UInt8] = Array(":\n".utf8)

  /// Appends an event.
  ///
  /// A client receives the same data, except that CR or CR LF becomes LF, NUL is dropped, and invalid UTF-8 becomes
  /// U+FFFD: the format cannot carry them.
  ///
  /// - Parameters:
  ///   - name: nil for a `message`.
  ///   - data: any bytes; each line becomes one `data:` line.
  ///   - id: nil for none.
  ///   - bytes: the buffer to append to.
  package static func append(
    name: EventName? = nil, data: Span<UInt8>, id: EventID? = nil, to bytes: inout [UInt8]
  ) {
    if let id { appendField("id:", id.utf8, to: &bytes) }
    if let name { appendField("event:", name.utf8, to: &bytes) }
    if isValid(data) {
      appendLines(of: data, to: &bytes)
    } else {
      var copy: [UInt8] = []
      for index in data.indices { copy.append(data[index]) }
      appendLines(of: Array(String(decoding: copy, as: UTF8.self).utf8).span, to: &bytes)
    }
    bytes.append(.lineFeed)
  }

  /// Appends one event with the growth of scores: `data:{"1F4C2":2,"2665":3}`, in the given order; nothing without
  /// growth. It allocates nothing but room in `bytes`.
  ///
  /// - Parameter id: nil for none.
  package static func append(scores: [(ScoreID, UInt64)], id: EventID? = nil, to bytes: inout [UInt8]) {
    guard !scores.isEmpty else { return }
    if let id { appendField("id:", id.utf8, to: &bytes) }
    appendObject(of: scores, to: &bytes)
  }

  /// Appends one named event with totals, as ``append(scores:id:to:)`` writes them; `data:{}` if there are none.
  package static func append(
    name: EventName, totals: [(ScoreID, UInt64)], id: EventID, to bytes: inout [UInt8]
  ) {
    appendField("id:", id.utf8, to: &bytes)
    appendField("event:", name.utf8, to: &bytes)
    appendObject(of: totals, to: &bytes)
  }

  /// Appends a comment with a text for human readers.
  ///
  /// - Precondition: it has no line break.
  package static func append(comment: String, to bytes: inout [UInt8]) {
    precondition(!comment.utf8.contains { $0 == .carriageReturn || $0 == .lineFeed })
    appendField(":", Array(comment.utf8), to: &bytes)
  }

  /// Appends the time in milliseconds that a client waits before it reconnects after the end of the stream.
  ///
  /// Clients obey the line once they have read it, even at the very end of a stream.
  package static func append(retryMilliseconds: UInt64, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "retry:".utf8)
    bytes.append(decimal: retryMilliseconds)
    bytes.append(.lineFeed)
  }

  private static func appendObject(of scores: [(ScoreID, UInt64)], to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "data:{".utf8)
    var isFirst = true
    for (id, number) in scores {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      bytes.append(jsonString: id.utf8)
      bytes.append(.colon)
      bytes.append(decimal: number)
    }
    bytes.append(contentsOf: "}\n\n".utf8)
  }

  private static func appendField(_ prefix: String, _ value: [UInt8], to bytes: inout [UInt8]) {
    bytes.append(contentsOf: prefix.utf8)
    bytes.append(contentsOf: value)
    bytes.append(.lineFeed)
  }

  private static func isValid(_ data: Span<UInt8>) -> Bool {
    do {
      _ = try UTF8Span(validating: data)
      return true
    } catch {
      return false
    }
  }

  private static func appendLines(of data: Span<UInt8>, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "data:".utf8)
    var isLineStart = true
    var index = 0
    while index < data.count {
      let byte = data[index]
      index += 1
      switch byte {
      case 0:
        break
      case .carriageReturn, .lineFeed:
        if byte == .carriageReturn && index < data.count && data[index] == .lineFeed { index += 1 }
        bytes.append(contentsOf: "\ndata:".utf8)
        isLineStart = true
      default:
        // A parser removes one space after the colon.
        if isLineStart && byte == .space { bytes.append(.space) }
        bytes.append(byte)
        isLineStart = false
      }
    }
    bytes.append(.lineFeed)
  }
}
