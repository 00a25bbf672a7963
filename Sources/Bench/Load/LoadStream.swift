/// One event stream of a client.
struct LoadStream: Sendable {
  var scanner: EventScanner
  /// The received data since the measurement began, or since the client first connected.
  var tally = StreamTally()

  init(_ content: EventScanner.Content) { scanner = EventScanner(content) }

  /// Scans bytes of the stream.
  mutating func scan(_ bytes: Span<UInt8>) { scanner.scan(bytes, into: &tally) }

  /// Begins a new stream, which continues after the last event of the earlier one.
  mutating func reopen() { scanner = EventScanner(scanner.content, lastID: scanner.lastID) }
}
