import Primitives
import Reactor
import TLS

/// The state of one client in a run.
struct LoadClient {
  enum Phase {
    /// Not connected, about to connect.
    case waiting
    case connecting, handshaking, awaitingHead, streaming
    /// Will not connect again.
    case retired
  }

  let role: ClientRole
  var phase = Phase.waiting
  /// The socket; -1 while there is none.
  var descriptor: Int32 = -1
  var registration: EventLoop.Registration?
  var tls: TLSSession?
  /// Counts its connections, so that a timer of an earlier one has no effect.
  var generation: UInt32 = 0
  /// When it started to connect.
  var connectedFrom = Instant.origin
  /// The answer's head, until it is complete.
  var head: [UInt8] = []
  /// Whether the server is refusing it.
  var isTurnedAway = false
  var scanner: EventScanner
  /// Finds the body in a chunked response.
  var chunks: ChunkScanner?
  /// The received data since the measurement began, or since it first connected.
  var tally = StreamTally()
  /// Whether its stream was interrupted since the measurement began.
  var wasInterrupted = false

  init(role: ClientRole, content: EventScanner.Content) {
    self.role = role
    scanner = EventScanner(content)
  }

  /// Whether its connection is still being set up.
  var isUnderWay: Bool { phase == .connecting || phase == .handshaking || phase == .awaitingHead }

  /// Scans bytes of its stream.
  mutating func take(_ bytes: Span<UInt8>) {
    guard chunks != nil else { return scanner.scan(bytes, into: &tally) }
    var index = 0
    while let run = chunks?.nextRun(in: bytes, from: &index) {
      scanner.scan(bytes.extracting(run), into: &tally)
    }
  }
}
