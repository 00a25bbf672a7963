/// Reads an event stream (WHATWG HTML, section 9.2) byte by byte, with a few words of state per client and no
/// allocation.
///
/// It knows the format of an edge and counts everything else as malformed. Lines end in LF. A scanner never needs a
/// byte twice, so the tally does not depend on how the stream is divided.
///
/// Of events without increments (`position`, `reset`, `snapshot`) only the ids count. An event counts at its end: one
/// that a lost connection cut off is void, with its id, because the server sends it again to a client that returns.
struct EventScanner: Equatable, Sendable {
  /// The data of the events.
  enum Content: Equatable, Sendable {
    /// `{"id":growth,…}`, whose growths are added up.
    case scores
    /// Any data; it is hashed.
    case text
  }

  private enum Place: UInt8 {
    case lineStart, name, skipping, retry, id, event, valueStart, text
    // Places within scores, named by what comes next.
    case quote, key, escaped, colon, firstDigit, digit, lineEnd
  }

  let content: Content
  private var place = Place.lineStart
  private var hasData = false
  /// Whether fields of an event have arrived.
  private var isInEvent = false
  /// Whether that event brings no increment.
  private var isAside = false
  /// The last eight bytes of a name or an id.
  private var register: UInt64 = 0
  private var number: UInt64 = 0
  /// The sum of the present event's growths.
  private var amount: UInt64 = 0
  /// The hash of all data including the present event's.
  private var hash: UInt64 = 0
  /// The id of the present event, cut to a maximum length.
  private var id: [UInt8]

  /// How many events have ended, including those without increments.
  private(set) var ended: UInt64 = 0
  /// Whether the server ever voided what it had sent before (`event:reset`).
  private(set) var wasReset = false

  /// The last `retry:` of the stream, in milliseconds.
  private(set) var retryMilliseconds: UInt64?

  /// The id of the last event that has ended.
  private(set) var lastID: [UInt8]

  private static let idMaximumCount = 128

  private static let idName = packed("id")
  private static let dataName = packed("data")
  private static let eventName = packed("event")
  private static let retryName = packed("retry")
  private static let resetName = packed("reset")
  private static let namesAside = [packed("position"), resetName, packed("snapshot")]

  private static func packed(_ name: String) -> UInt64 { name.utf8.reduce(0) { $0 << 8 | UInt64($1) } }

  /// - Parameter lastID: the last id of the client's earlier stream.
  init(_ content: Content, lastID: [UInt8] = []) {
    self.content = content
    self.lastID = lastID
    id = lastID
  }

  /// Scans the next bytes of the stream.
  mutating func scan(_ bytes: Span<UInt8>, into tally: inout StreamTally) {
    tally.bytes &+= UInt64(bytes.count)
    for index in bytes.indices {
      let byte = bytes[index]
      switch place {
      case .key:
        switch byte {
        case UInt8(ascii: "\""): place = .colon
        case UInt8(ascii: "\\"): place = .escaped
        case .lineFeed: spoil(byte, &tally)
        default: register = register << 8 | UInt64(byte)
        }
      case .text: take(byte, &tally)
      case .skipping: if byte == .lineFeed { place = .lineStart }
      case .lineStart, .name, .retry, .id, .event: takeField(byte, &tally)
      case .valueStart, .quote, .escaped, .colon, .firstDigit, .digit, .lineEnd: takeScore(byte, &tally)
      }
    }
  }

  /// The first field of an event.
  private mutating func begin(_ tally: StreamTally) {
    isInEvent = true
    amount = 0
    hash = tally.hash
  }

  private mutating func end(_ tally: inout StreamTally) {
    if isInEvent {
      ended &+= 1
      if lastID != id { lastID = id }
    }
    isInEvent = false
    isAside = false
    guard hasData else { return }
    hasData = false
    tally.events &+= 1
    tally.amount &+= content == .text ? 1 : amount
    tally.hash = hash
  }

  private mutating func takeField(_ byte: UInt8, _ tally: inout StreamTally) {
    switch (place, byte) {
    case (.lineStart, .lineFeed): end(&tally)
    case (.lineStart, UInt8(ascii: ":")): place = .skipping
    case (.lineStart, _):
      place = .name
      register = UInt64(byte)
    case (.name, UInt8(ascii: ":")):
      number = 0
      if !isInEvent, register != Self.retryName { begin(tally) }
      switch register {
      case Self.dataName: place = isAside ? .skipping : .valueStart
      case Self.retryName: place = .retry
      case Self.eventName: place = .event
      case Self.idName:
        place = .id
        id.removeAll(keepingCapacity: true)
      default: place = .skipping
      }
      register = 0
    case (_, .lineFeed):
      if place == .retry { retryMilliseconds = number }
      // The register holds only eight bytes of a name, which is the length of the longest of these.
      if place == .event {
        isAside = number <= 8 && Self.namesAside.contains(register)
        wasReset = wasReset || (number == 5 && register == Self.resetName)
      }
      place = .lineStart
    case (.event, _):
      number &+= 1
      register = register << 8 | UInt64(byte)
    case (.retry, UInt8(ascii: "0")...UInt8(ascii: "9")):
      number = number &* 10 &+ UInt64(byte &- 0x30)
    case (.retry, UInt8(ascii: " ")): break
    case (.id, _):
      let isSpaceBefore = byte == UInt8(ascii: " ") && id.isEmpty
      if !isSpaceBefore, id.count < Self.idMaximumCount { id.append(byte) }
    case (.retry, _): place = .skipping
    default: register = register << 8 | UInt64(byte)
    }
  }

  private mutating func takeScore(_ byte: UInt8, _ tally: inout StreamTally) {
    switch (place, byte) {
    case (.valueStart, UInt8(ascii: " ")): if content == .text { place = .text }
    case (.valueStart, _) where content == .text:
      place = .text
      take(byte, &tally)
    case (.valueStart, UInt8(ascii: "{")): place = .quote
    case (.quote, UInt8(ascii: "\"")):
      place = .key
      register = 0
    case (.escaped, _): place = .key
    case (.colon, UInt8(ascii: ":")):
      tally.probes |= Probe.bit(of: register)
      place = .firstDigit
      number = 0
    case (.firstDigit, UInt8(ascii: "0")...UInt8(ascii: "9")),
      (.digit, UInt8(ascii: "0")...UInt8(ascii: "9")):
      place = .digit
      number = number &* 10 &+ UInt64(byte &- 0x30)
    case (.digit, UInt8(ascii: ",")), (.digit, UInt8(ascii: "}")):
      amount &+= number
      place = byte == UInt8(ascii: ",") ? .quote : .lineEnd
    case (.lineEnd, .lineFeed):
      hasData = true
      place = .lineStart
    default: spoil(byte, &tally)
    }
  }

  /// A byte of a text, or the end of its line: FNV-1a (RFC 9923).
  private mutating func take(_ byte: UInt8, _ tally: inout StreamTally) {
    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    if byte == .lineFeed {
      tally.probes |= Probe.bit(of: register)
      hasData = true
      place = .lineStart
    } else {
      register = register << 8 | UInt64(byte)
    }
  }

  private mutating func spoil(_ byte: UInt8, _ tally: inout StreamTally) {
    tally.malformed &+= 1
    place = byte == .lineFeed ? .lineStart : .skipping
  }
}

extension UInt8 {
  fileprivate static let lineFeed = UInt8(ascii: "\n")
}
