import Primitives

/// A command from the hub to an edge. The edge answers with a ``CommandResult`` of the same id.
package struct Command: Equatable, Sendable {
  /// What an edge can be asked to do.
  package enum Verb: UInt8, Sendable, CaseIterable {
    /// Send a ``Report`` now. No argument.
    case reportNow = 1
    /// Become not ready, then release all clients over a window: `window=30` (seconds).
    case drain = 2
    /// End or undo a drain. No argument.
    case undrain = 3
    /// Log from this level on: `level=debug`.
    case setLogLevel = 4
    /// Release `clients` clients from all streams, spread over a window in seconds: `clients=1200 window=10`.
    case shed = 5
    /// Release at once the clients of an address, of a stream, or of that stream from that address:
    /// `address=203.0.113.9 stream=/eps`.
    case closeClients = 6
    /// Answer with a page of the streaming clients, in JSON: `offset=0 limit=100`.
    case listConnections = 7
    /// Read configuration and certificates again. No argument.
    case reload = 8
  }

  /// The greatest length of an argument, in bytes of UTF-8.
  package static let maximumArgumentCount = 256

  /// Identifies the command on this link; the hub chooses it.
  package let id: UInt64
  /// The verb.
  package let verb: Verb
  /// The arguments of the verb: `key=value` pairs with single spaces between them; empty if the verb takes none.
  package let argument: String

  /// A command; nil if the argument is longer than ``maximumArgumentCount``.
  package init?(id: UInt64, verb: Verb, argument: String = "") {
    guard argument.utf8.count <= Self.maximumArgumentCount else { return nil }
    self.id = id
    self.verb = verb
    self.argument = argument
  }
}

extension Command: Payload {
  static let type = MessageType.command
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 10 + 1 + (2 + maximumArgumentCount) }

  init(from reader: inout PayloadReader) throws(WireError) {
    id = try reader.varint(.id)
    verb = try reader.choice(.verb)
    argument = try reader.text(.argument, count: 0...Self.maximumArgumentCount)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(varint: id)
    writer.write(verb.rawValue)
    writer.write(prefixed: argument.utf8)
  }
}
