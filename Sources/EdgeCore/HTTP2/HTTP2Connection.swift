import HTTP
import HTTP2
import Primitives

/// An HTTP/2 connection of a worker: its frames, its streams, the windows, and the budget against floods (RFC 9113).
///
/// ```
///   serving ──► leaving: the client has learnt that no request will be taken soon (GOAWAY, first step)
///      │           └──► left: no request is taken any more (second step) ──► closing, once no stream is left
///      └──► closing: the last bytes are written, then the connection ends
/// ```
/// The driver passes received bytes, performs the events, and calls ``timePassed(now:)`` a few times a second. Output is
/// collected, and written at the end of a turn (``HTTP2Group``).
///
/// Memory. Between two turns it holds, at most: a frame of 16 KiB and a block of header fields of 16 KiB, while they
/// arrive; ``outputLimit`` bytes of output; ``lastMaximum`` bytes of answers that the client
/// has not taken, and one answer beyond them, as in HTTP/1; ``bodiesMaximum`` heads of 16 KiB whose bodies have not
/// ended; and ``streamsMaximum`` streams of about 100 bytes. It is asserted in a test.
package final class HTTP2Connection {
  enum Phase: Equatable {
    case serving
    case leaving(since: Instant)
    case left
    case closing(since: Instant, CloseReason)
  }

  /// A block of header fields that has not ended.
  struct Block {
    let stream: UInt32
    var bytes: [UInt8]
    let endsStream: Bool
    let dependsOnItself: Bool
    var frames = 1
  }

  /// How many streams a client may have open.
  package static let streamsMaximum = 100
  /// Beyond this many bytes of output, streams wait.
  static let outputMaximum = 64 * 1024
  /// Beyond this many, the connection ends: its client asks on and on, and reads nothing.
  static let outputLimit = 128 * 1024
  /// The most bytes of ended answers that wait for the client's window, if there is more than one.
  static let lastMaximum = 64 * 1024
  /// The most requests whose bodies have not ended.
  static let bodiesMaximum = 4
  /// The most streams beyond ``streamsMaximum`` that cost the client nothing before it knows of that limit: a proxy sends
  /// all requests that wait over a new connection at once.
  static let excessMaximum = 1_000
  /// How long the first step of a GOAWAY lasts: longer than a request takes that crosses it.
  static let leavingTime = Duration.seconds(1)
  /// How long a client may take to read the last bytes.
  static let lingerLimit = Duration.seconds(2)
  /// The most bytes that are discarded while the connection ends.
  static let discardMaximum = 64 * 1024
  /// The window that the protocol gives each stream and the connection.
  static let standardWindow = 65_535

  package let id: ConnectionID
  let group: HTTP2Group
  private var output: any HTTP2Output

  var phase = Phase.serving
  var now: Instant
  var budget: FloodBudget
  var preface: ConnectionPreface?
  var reader = FrameReader()
  var decoder = HeaderDecoder()
  var block: Block?
  var hasSettings = false
  /// Whether the client has said that it knows our settings.
  var knowsSettings = false
  /// How many streams beyond the maximum were refused before that.
  var excess = 0
  /// Since when a preface, frame or block has been incomplete.
  var partialSince: Instant?
  /// The open streams by their numbers.
  package internal(set) var streams: [UInt32: HTTP2Stream] = [:]
  /// The greatest number of a stream that the client opened.
  var lastStream: UInt32 = 0
  /// The last stream that is served, once that is decided: a later GOAWAY must not name a greater one.
  var lastServed: UInt32?
  /// The streams that ended last, and whether we reset them: then frames may still be on their way.
  var ended = RecentStreams()
  var idleSince: Instant?
  /// The streams that hold bytes for a slow client, or wait for one: see ``timePassed(now:)``.
  var held: [HTTP2Stream] = []

  /// How many bytes the client takes on all streams.
  var window = standardWindow
  /// The window of a new stream.
  var initialWindow = standardWindow
  /// Whether a stream waits for ``window``.
  var isWindowShort = false
  /// How many bytes were discarded while the connection ends.
  var discarded = 0
  /// The bytes of bodies that the client has not got back for its window.
  var consumed = 0

  private(set) var outbox: [UInt8] = []
  private var outboxSent = 0
  private var isDue = false
  private var hasProgressed = false
  var progressAt: Instant
  /// Whether the socket takes nothing: then nothing is read either, because answers would accumulate.
  package private(set) var isBlocked = false
  /// Whether the socket failed.
  package private(set) var isBroken = false

  /// A connection whose client speaks HTTP/2, as the TLS handshake or its first bytes said.
  ///
  /// - Parameter preface: what is known of the client's preface; nil if it is complete.
  package init(
    _ id: ConnectionID, in group: HTTP2Group, output: any HTTP2Output, preface: ConnectionPreface?,
    now: Instant
  ) {
    self.id = id
    self.group = group
    self.output = output
    self.preface = preface
    self.now = now
    budget = FloodBudget(now: now)
    progressAt = now
    partialSince = now
    idleSince = now
    group.opened(self)
    append {
      FrameWriter.appendSettings(
        streamsMaximum: Self.streamsMaximum, headersMaximum: RequestLimits.headBytes, to: &$0)
    }
  }

  /// Whether bytes are taken at present.
  package var isReading: Bool { !isBlocked && !isBroken && discarded <= Self.discardMaximum }

  /// Whether the client is owed an answer, or bytes of one.
  package var isOwing: Bool { !streams.isEmpty || !outbox.isEmpty }

  /// Whether closing the connection loses nothing: the client is owed nothing, and sends no request any more.
  package var isIdle: Bool { !isOwing && (phase == .left || isClosing) }

  /// Whether the connection is ending: it takes no request.
  package var isClosing: Bool { if case .closing = phase { true } else { false } }

  /// The driver closes the socket. The streams let the connection go.
  package func closed() {
    group.closed(self)
    if !streams.isEmpty { group.counters.connectionsWithStreams -= 1 }
    for stream in streams.values { stream.isOver = true }
    streams = [:]
    held = []
    block = nil
    reader = FrameReader()
    isBroken = true
    outbox = []
  }

  // MARK: Output

  /// The bytes go on over another output to the same client, which has taken all that was offered to the one before.
  package func goOn(over output: any HTTP2Output) { self.output = output }

  /// Appends frames to the output, which is written at the end of the turn.
  ///
  /// - Parameter count: how many bytes that will be, if it is many.
  func append(count: Int = 0, _ frames: (inout [UInt8]) -> Void) {
    // Nothing follows the last GOAWAY.
    guard !isBroken, !isClosing else { return }
    // Most connections have one frame in a turn, which then costs one allocation.
    if outbox.isEmpty, count > 0 { outbox.reserveCapacity(count) }
    frames(&outbox)
    if outbox.count - outboxSent > Self.outputLimit { flush() }
    guard outbox.count - outboxSent <= Self.outputLimit else { return failOutput() }
    guard !isDue, !isBlocked else { return }
    isDue = true
    group.add(self)
  }

  /// Whether the output takes more. A full one is offered to the socket first, so that streams wait only while the
  /// socket is full, and its readiness wakes them.
  func hasRoom() -> Bool {
    if isBlocked { return false }
    guard outbox.count >= Self.outputMaximum else { return true }
    flush()
    return !isBlocked && !isBroken
  }

  /// Writes the output. What the socket does not take waits for it.
  package func flush() {
    isDue = false
    while outboxSent < outbox.count {
      switch output.send(outbox, from: outboxSent) {
      case .accepted(0):
        isBlocked = true
        outbox.removeFirst(outboxSent)
        outboxSent = 0
        return
      case .accepted(let count):
        outboxSent += count
        hasProgressed = true
      case .failed: return failOutput()
      }
    }
    outbox = []
    outboxSent = 0
    isBlocked = false
    if isClosing { group.settle(self) }
  }

  private func failOutput() {
    isBroken = true
    outbox = []
    outboxSent = 0
    group.settle(self)
  }

  /// Whether the socket has taken nothing for too long.
  func isOverdue() -> Bool {
    if hasProgressed || !isBlocked { progressAt = now }
    hasProgressed = false
    return progressAt.advanced(by: group.limits.lagMaximum) < now
  }

  /// How many bytes the connection holds apart from its streams, at most: the head of a request whose body has not
  /// ended counts as the longest one.
  package var heldByteCount: Int {
    outbox.count + reader.heldByteCount + (block?.bytes.count ?? 0)
      + held.reduce(0) { $0 + $1.unsent + ($1.body == nil ? 0 : RequestLimits.headBytes) }
  }
}
