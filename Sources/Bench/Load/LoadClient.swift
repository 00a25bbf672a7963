import Primitives
import Reactor
import TLS

/// One client's place in a run.
struct LoadClient {
  enum Phase {
    /// Not connected; it is to connect.
    case waiting
    case connecting, handshaking, awaitingHead, streaming
    /// Gone for good.
    case retired
  }

  let role: ClientRole
  var phase = Phase.waiting
  /// The socket; -1 while there is none.
  var descriptor: Int32 = -1
  var registration: EventLoop.Registration?
  var tls: TLSSession?
  /// Counts its connections, so that a timer of an earlier one does nothing.
  var generation: UInt32 = 0
  /// When it began to connect.
  var connectedFrom = Instant.origin
  /// The answer's head, until it is complete.
  var head: [UInt8] = []
  /// Whether the server is turning it away.
  var isTurnedAway = false
  var scanner: EventScanner
  /// Finds the body, where it comes in chunks.
  var chunks: ChunkScanner?
  /// What came since the measuring began, or since it first connected.
  var tally = StreamTally()
  /// Whether its stream was interrupted since the measuring began.
  var wasInterrupted = false

  init(role: ClientRole, content: EventScanner.Content) {
    self.role = role
    scanner = EventScanner(content)
  }

  /// Whether its fate is still open.
  var isUnderWay: Bool { phase == .connecting || phase == .handshaking || phase == .awaitingHead }

  /// Takes bytes of its stream.
  mutating func take(_ bytes: Span<UInt8>) {
    guard chunks != nil else { return scanner.scan(bytes, into: &tally) }
    var index = 0
    while let run = chunks?.nextRun(in: bytes, from: &index) {
      scanner.scan(bytes.extracting(run), into: &tally)
    }
  }
}
