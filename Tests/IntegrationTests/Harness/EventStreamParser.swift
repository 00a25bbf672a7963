/// One event, as a browser would dispatch it.
struct ServerSentEvent: Equatable {
  /// Its type; `message` where the stream names none.
  var name: String
  /// Its data, the lines joined by line feeds.
  var data: [UInt8]
  /// The last id that the stream gave, up to and with this event; empty if it gave none.
  var id = ""

  /// Its data as text.
  var text: String { String(decoding: data, as: UTF8.self) }
}

/// Reads an event stream by the letter of the WHATWG HTML standard, section 9.2.6, without looking at how it was meant.
struct EventStreamParser {
  private(set) var events: [ServerSentEvent] = []
  /// The times that the stream gave for coming back, in milliseconds.
  private(set) var retries: [Int] = []
  /// How many comments there were.
  private(set) var commentCount = 0
  /// How many blocks had no data, each of which is an empty message to many clients.
  private(set) var emptyBlockCount = 0
  /// Fields that the standard does not know; a parser ignores them, a test may not.
  private(set) var unknownFields: [String] = []
  /// What a client that comes back would send as `Last-Event-ID`; empty if the stream gave no id.
  private(set) var lastEventID = ""

  private var line: [UInt8] = []
  private var followsCarriageReturn = false
  private var name = ""
  private var data: [UInt8] = []
  private var hasData = false
  private var id = ""

  /// True between two events: nothing of a further one has come.
  var isAtBorder: Bool { line.isEmpty && !hasData && name.isEmpty }

  /// The events that came since this was last asked; they are kept no longer.
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
