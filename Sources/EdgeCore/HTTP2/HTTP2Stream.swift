import HTTP
import HTTP2
import Primitives

/// A stream of an HTTP/2 connection: one request and its answer (RFC 9113 §5.1).
///
/// ```
///   a request begins ──► complete ──► answered: head, content, END_STREAM ──► gone
///         └────────────────┴─────────── a reset from either side ───────────► gone
/// ```
/// It is the channel of its subscriber: ``write(_:from:)`` makes frames of a payload, as far as the windows and the
/// output's limit allow.
package final class HTTP2Stream {
  /// A request whose body has not ended.
  struct Body {
    let head: RequestHead
    /// The announced length; nil if there is none.
    let length: Int?
    var received = 0
    /// What the body has taken of the stream's window, which is never renewed.
    var windowUsed = 0
    let since: Instant
  }

  /// The stream's number.
  package let id: UInt32
  /// Its connection.
  package let connection: HTTP2Connection
  /// The subscriber that this stream serves; nil for none.
  package var subscriber: ClientID?
  /// How many bytes the client takes on this stream; negative after it has reduced the windows of all streams.
  var window: Int
  var body: Body?
  var isHeadSent = false
  /// Whether its first bytes were written. They come before any event, so they are no gain (``FloodBudget``).
  private var hasBegun = false
  var isRequestComplete: Bool
  /// The last bytes of the answer; END_STREAM follows them.
  var last: [UInt8] = []
  var lastSent = 0
  /// Whether nothing follows ``last``.
  var isEnding = false
  /// When the client last took one of the last bytes.
  var progressAt: Instant?
  /// Whether the stream has ended.
  package internal(set) var isOver = false

  init(_ id: UInt32, of connection: HTTP2Connection, window: Int, isRequestComplete: Bool) {
    self.id = id
    self.connection = connection
    self.window = window
    self.isRequestComplete = isRequestComplete
  }

  /// The stream's exchange.
  package var exchange: ExchangeID { ExchangeID(connection.id, stream: id) }

  var unsent: Int { last.count - lastSent }

  /// Sends the head of an answer whose content follows.
  ///
  /// - Parameter block: the encoded fields. It is not needed, and not sent, if the head was sent before.
  package func begin(_ block: @autoclosure () -> [UInt8]) {
    guard !isHeadSent, !isOver else { return }
    isHeadSent = true
    connection.append { FrameWriter.appendHeaders(block(), stream: id, isEnd: false, to: &$0) }
  }

  /// Sends a complete answer.
  package func respond(_ block: [UInt8], _ content: [UInt8]) {
    guard !isHeadSent, !isOver else { return }
    isHeadSent = true
    let isEnd = content.isEmpty
    connection.append { FrameWriter.appendHeaders(block, stream: id, isEnd: isEnd, to: &$0) }
    if isEnd { connection.answered(self) } else { end(after: content) }
  }

  /// Ends an answer whose head was sent, after these bytes.
  package func end(after bytes: [UInt8]) {
    guard !isOver, !isEnding else { return }
    last = bytes
    isEnding = true
    connection.continueAnswer(self)
    guard !isOver else { return }
    progressAt = connection.now
    connection.holds(self)
  }

  /// Writes content, as far as the windows and the output's limit allow.
  ///
  /// - Returns: how many bytes were taken. If some were not, the connection reports when there is room again.
  package func write(_ bytes: [UInt8], from start: Int) -> WriteOutcome {
    if connection.isBroken { return .failed }
    guard !isOver, !connection.isClosing else { return .accepted(0) }
    let count = connection.appendData(bytes, from: start, of: self)
    if hasBegun, start + count == bytes.count { connection.budget.gained() }
    hasBegun = true
    return .accepted(count)
  }

  /// Ends the stream at once, within its answer or before.
  package func reset(_ code: HTTP2ErrorCode) {
    guard !isOver else { return }
    connection.reset(self, code)
  }
}
