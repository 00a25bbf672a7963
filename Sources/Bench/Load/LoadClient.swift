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
  /// Its last session, which it resumes when it returns, as browsers do.
  var resumable: ResumableSession?
  /// Counts its attempts to connect, so that a timer of an earlier one has no effect.
  var generation: UInt32 = 0
  /// The addresses that it has not tried yet.
  var addresses: ArraySlice<SocketAddress> = []
  /// How many addresses it tried beyond the first one, for the present connection.
  var furtherAddresses = 0
  /// When it started to connect.
  var connectedFrom = Instant.origin
  /// The answer's head, until it is complete.
  var head: [UInt8] = []
  /// Whether the server is refusing it.
  var isTurnedAway = false
  /// Its streams: one over HTTP/1.1, and several over HTTP/2.
  var streams: [LoadStream]
  /// Finds the body in a chunked response.
  var chunks: ChunkScanner?
  /// The connection, if it is one of HTTP/2.
  var multiplexed: MultiplexedConnection?
  /// Whether it was not streaming when the measurement began.
  var isLate = false
  /// Whether its stream was interrupted since the measurement began.
  var wasInterrupted = false
  /// Whether the server voided on an earlier connection what it had sent before (`event:reset`).
  var wasReset = false
  /// When bytes last arrived.
  var heardAt = Instant.origin
  /// The time without events since its stream was interrupted; nil while it has a stream with events.
  var interruption: Interruption?

  init(role: ClientRole, content: EventScanner.Content, streamCount: Int) {
    self.role = role
    streams = Array(repeating: LoadStream(content), count: streamCount)
  }

  /// Whether it has received everything since the measurement began, if its role lets it.
  ///
  /// - Parameter isResumable: whether a returning client gets what it missed.
  func hasStayed(isResumable: Bool) -> Bool {
    phase == .streaming && !isLate && !wasReset && !streams.contains(where: \.scanner.wasReset)
      && (isResumable || !wasInterrupted)
  }

  /// Whether its connection is still being set up.
  var isUnderWay: Bool { phase == .connecting || phase == .handshaking || phase == .awaitingHead }

  /// The last `retry:` of its streams, in milliseconds.
  var retryMilliseconds: UInt64? { streams.lazy.compactMap(\.scanner.retryMilliseconds).first }

  /// Whether its streams have ended in order, although the connection may still be open.
  var isOver: Bool { chunks?.isOver ?? multiplexed?.isOver ?? false }

  /// Takes the probes that arrived at any of its streams.
  mutating func takeProbes() -> UInt64 {
    var probes: UInt64 = 0
    for index in streams.indices where streams[index].tally.probes != 0 {
      probes |= streams[index].tally.probes
      streams[index].tally.probes = 0
    }
    return probes
  }

  /// Scans bytes of its stream, over HTTP/1.1.
  mutating func take(_ bytes: Span<UInt8>) {
    guard chunks != nil else { return streams[0].scan(bytes) }
    var index = 0
    while let run = chunks?.nextRun(in: bytes, from: &index) { streams[0].scan(bytes.extracting(run)) }
  }

  /// Scans bytes of its connection, over HTTP/2.
  mutating func takeMultiplexed(_ bytes: Span<UInt8>) throws(MultiplexedConnection.Failure) {
    try multiplexed?.take(bytes) { index, run in streams[index].scan(bytes.extracting(run)) }
  }
}
