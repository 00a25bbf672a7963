import TestSupport

/// One event, as a browser would dispatch it.
struct StreamEvent {
  var name = "message"
  var data = ""
  /// The last event id after it; nil if there was none yet.
  var id: String?
  /// Whether the event itself has the id.
  var hasOwnID = false
}

/// Parses a response with an event stream strictly by the WHATWG HTML standard, section 9.2.6, however it is divided,
/// chunked or not.
struct EventReader {
  private var isInHead: Bool
  /// Parses the body, if it is chunked.
  private var chunks: ChunkedReader?
  private var head: [UInt8] = []
  private var line: [UInt8] = []
  private var name = ""
  private var data: String?
  private var lastID: String?
  private var hasNewID = false
  /// The status line, once the head is complete.
  private(set) var statusLine: String?
  private(set) var commentCount = 0
  /// How many `retry:` lines came.
  private(set) var retryCount = 0
  /// Whether the chunks violate the standard, or one ended within an event.
  private(set) var isMisframed = false
  /// How many blocks had no data; many clients treat each as an empty message.
  private(set) var emptyBlockCount = 0

  init(hasHead: Bool = true) {
    isInHead = hasHead
  }

  /// Whether the last event is complete.
  var isAtBorder: Bool { line.isEmpty && data == nil && name.isEmpty && !hasNewID }

  /// Takes bytes, and returns the completed events.
  mutating func append(_ bytes: [UInt8]) -> [StreamEvent] {
    var events: [StreamEvent] = []
    for byte in bytes {
      if isInHead {
        head.append(byte)
        guard head.suffix(4) == [13, 10, 13, 10] else { continue }
        isInHead = false
        let text = String(decoding: head, as: UTF8.self)
        statusLine = String(text.prefix { $0 != "\r\n" })
        if text.contains("\r\nTransfer-Encoding: chunked\r\n") { chunks = ChunkedReader() }
      } else if let event = receivedBody(byte) {
        events.append(event)
      }
    }
    return events
  }

  private mutating func receivedBody(_ byte: UInt8) -> StreamEvent? {
    guard chunks != nil else { return accept(byte) }
    switch chunks?.append(byte) {
    case .byte(let byte): return accept(byte)
    case .chunkEnded: if !isAtBorder { isMisframed = true }
    case nil: if chunks?.isMalformed == true { isMisframed = true }
    }
    return nil
  }

  /// Takes a byte of the stream, and returns the completed event, if any.
  private mutating func accept(_ byte: UInt8) -> StreamEvent? {
    guard byte == UInt8(ascii: "\n") else {
      line.append(byte)
      return nil
    }
    defer { line.removeAll(keepingCapacity: true) }
    return lineEnded()
  }

  private mutating func lineEnded() -> StreamEvent? {
    guard let first = line.first else { return dispatch() }
    guard first != UInt8(ascii: ":") else {
      commentCount += 1
      return nil
    }
    let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
    var value = line[min(colon + 1, line.endIndex)...]
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    let text = String(decoding: value, as: UTF8.self)
    switch String(decoding: line[..<colon], as: UTF8.self) {
    case "event": name = text
    case "retry": retryCount += 1
    case "data": data = data.map { $0 + "\n" + text } ?? text
    case "id":
      lastID = text
      hasNewID = true
    default: break
    }
    return nil
  }

  private mutating func dispatch() -> StreamEvent? {
    defer {
      name = ""
      data = nil
      hasNewID = false
    }
    guard let data else {
      emptyBlockCount += 1
      return nil
    }
    return StreamEvent(name: name.isEmpty ? "message" : name, data: data, id: lastID, hasOwnID: hasNewID)
  }
}
