/// One event, as a browser would dispatch it.
struct ServerSentEvent: Equatable {
  /// The type; `message` if the stream names none.
  var name: String
  /// The data, with its lines joined by line feeds.
  var data: [UInt8]
  /// The last id of the stream, up to and including this event; empty if there was none.
  var id = ""

  /// The data as text.
  var text: String { String(decoding: data, as: UTF8.self) }
}

/// Parses an event stream strictly by the WHATWG HTML standard, section 9.2.6, without guessing the intention.
struct EventStreamParser {
  private(set) var events: [ServerSentEvent] = []
  /// The reconnection times of the stream, in milliseconds.
  private(set) var retries: [Int] = []
  /// The number of comments.
  private(set) var commentCount = 0
  /// The number of blocks without data. Many clients treat each as an empty message.
  private(set) var emptyBlockCount = 0
  /// Fields that the standard does not know. A parser ignores them, but a test must notice them.
  private(set) var unknownFields: [String] = []
  /// The `Last-Event-ID` for the next connection; empty if the stream gave no id.
  private(set) var lastEventID = ""

  private var line: [UInt8] = []
  private var followsCarriageReturn = false
  private var name = ""
  private var data: [UInt8] = []
  private var hasData = false
  private var id = ""

  /// Whether the bytes so far end between two events.
  var isAtBorder: Bool { line.isEmpty && !hasData && name.isEmpty }

  /// Takes out the events since the last call.
  mutating func takeEvents() -> [ServerSentEvent] {
    defer { events = [] }
    return events
  }

  mutating func append(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      let isSecondHalf = followsCarriageReturn && byte == 0x0a
      followsCarriageReturn = byte == 0x0d
      if isSecondHalf { continue }
      if byte == 0x0a || byte == 0x0d {
        lineEnded()
        line.removeAll(keepingCapacity: true)
      } else {
        line.append(byte)
      }
    }
  }

  private mutating func lineEnded() {
    guard !line.isEmpty else { return dispatch() }
    guard line[0] != UInt8(ascii: ":") else {
      commentCount += 1
      return
    }
    let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    var value = parts.count > 1 ? parts[1] : []
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    switch String(decoding: parts[0], as: UTF8.self) {
    case "event": name = String(decoding: value, as: UTF8.self)
    case "data":
      if hasData { data.append(0x0a) }
      hasData = true
      data += value
    case "id": if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
    case "retry": if let time = Int(String(decoding: value, as: UTF8.self)) { retries.append(time) }
    case let field: unknownFields.append(field)
    }
  }

  private mutating func dispatch() {
    lastEventID = id
    if !hasData { emptyBlockCount += 1 }
    if hasData { events.append(ServerSentEvent(name: name.isEmpty ? "message" : name, data: data, id: id)) }
    name = ""
    data = []
    hasData = false
  }
}
