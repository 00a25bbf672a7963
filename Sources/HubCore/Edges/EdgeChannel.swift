import Primitives
import Wire

/// The connection of one edge, with the machine of its link. A driver owns the connection, and performs.
package protocol EdgeChannel: AnyObject {
  /// The hub's number for the link.
  var number: Int { get }
  /// The machine; nil before the handshake is complete, and once the link has ended.
  var machine: EdgeLink? { get set }
  /// How many bytes wait for the connection.
  var backlog: Int { get }
  /// The time of the driver's loop.
  var now: Instant { get }
  /// Puts bytes at the end of the backlog.
  func transmit(_ bytes: [UInt8])
  /// Ends the link.
  func close(_ closure: EdgeLink.Closure)
  /// Sets the timer to the machine's deadline.
  func armTimer()
}

extension EdgeChannel {
  /// The edge's name; nil before the welcome.
  package var node: NodeName? { machine?.hello?.node }

  // MARK: Sending

  /// Sends one message regardless of the backlog; for small and rare messages.
  package func send(_ message: Message) {
    queue([message].encoded)
  }

  /// Queues frames that the machine admitted. Links with the same frames share the bytes.
  package func queue(_ bytes: [UInt8]) {
    transmit(bytes)
    machine?.framesQueued(backlog: backlog, now: now)
    armTimer()
  }

  /// Sends a snapshot, after a gap message if anything was skipped.
  func sendSnapshot(_ bytes: [UInt8]) {
    if let gap = machine?.takeGap() { transmit([.gap(gap)].encoded) }
    transmit(bytes)
    machine?.snapshotQueued(backlog: backlog, now: now)
    armTimer()
  }

  /// Sends the answer to a query. Returns false if it may not be sent at present.
  func answer(_ bytes: [UInt8]) -> Bool {
    guard machine?.admitsAnswer(byteCount: bytes.count) == true else { return false }
    queue(bytes)
    machine?.queryAnswered()
    return true
  }

  /// Sends that a query has no answer.
  func refuse(_ query: Query, _ outcome: QueryOutcome) {
    send(query.answer(without: outcome))
    machine?.queryAnswered()
  }

  // MARK: Ending

  /// The registry rejected the edge, or has a newer link for it; or its certificate was revoked.
  package func displace(_ end: EdgeLinkEnd) {
    if let closure = machine?.displaced(end, now: now) { close(closure) }
  }

  /// The edge's interest exceeded a limit.
  func refuseInterest(_ error: InterestError) {
    if let closure = machine?.interestRefused(error, now: now) { close(closure) }
  }
}

extension [Message] {
  /// The messages as frames, one after the other.
  package var encoded: [UInt8] {
    var writer = ByteWriter()
    for message in self { message.encode(into: &writer) }
    return writer.bytes
  }
}
