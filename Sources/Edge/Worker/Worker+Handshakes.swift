import EdgeCore
import Primitives
import Reactor
import TLS

/// A handshake that was under way when it was last looked at.
struct HandshakeOfLate {
  let at: Instant
  let client: ClientID
}

// TLS handshakes cost a thousand times what an event costs, so they wait in line: each turn takes a few, after it has
// delivered. A storm of clients that come back delays nobody who is there. Those that have begun go first: a handshake
// under way holds some 45 KB, and one that waits for its beginning nearly nothing.
extension Worker {
  /// So many handshakes are under way at once, which bounds what they hold: about 12 MB.
  private static let underWayMaximum = 256
  /// One that has taken so long no longer counts: whoever lets us wait must not keep others out.
  private static let countedTime = Duration.milliseconds(250)

  /// So many steps of handshakes are taken in a turn: about two milliseconds.
  private static let stepsPerTurn = 8

  func beginHandshake(_ slot: Int32, _ context: TLSContext) {
    setDeadline(slot, after: configuration.handshakeLimit)
    do throws(TLSFailure) {
      table[slot].tls = try TLSSession(accepting: table[slot].descriptor, context: context)
    } catch {
      close(slot, .reset)
    }
  }

  func awaitHandshake(_ slot: Int32) {
    guard !table[slot].awaitsHandshake else { return }
    table[slot].awaitsHandshake = true
    if table[slot].isShakingHands { handshakesBegun.append(slot) } else { handshakesWaiting.append(slot) }
    serveAtTurnEnd()
  }

  /// Takes the next steps; what is left waits for the next turn.
  func shakeHands() {
    for _ in 0..<Self.stepsPerTurn {
      guard let slot = nextHandshake() else { break }
      // A place that was given to somebody else meanwhile awaits nothing, or awaits in its own right.
      guard let client = table.id(at: slot), table[slot].awaitsHandshake, let tls = table[slot].tls else {
        continue
      }
      table[slot].awaitsHandshake = false
      if !table[slot].isShakingHands {
        table[slot].isShakingHands = true
        handshakesOfLate.append(HandshakeOfLate(at: loop.now, client: client))
      }
      switch tls.handshake() {
      case .complete: established(slot, tls)
      case .wantsRead, .wantsWrite: break
      case .failed:
        totals.handshakesFailed += 1
        close(slot, .handshakeFailed)
      }
    }
    guard !handshakesBegun.isEmpty || !handshakesWaiting.isEmpty else { return }
    // With the next turn, or, where all who count let us wait, when the first of them no longer does.
    let isFull = handshakesBegun.isEmpty && handshakesOfLate.count >= Self.underWayMaximum
    loop.schedule(at: isFull ? loop.now.advanced(by: .milliseconds(10)) : loop.now) { [weak self] in
      self?.serveAtTurnEnd()
    }
  }

  private func nextHandshake() -> Int32? {
    if let slot = handshakesBegun.popFirst() { return slot }
    while let first = handshakesOfLate.first, !isUnderWay(first) { handshakesOfLate.popFirst() }
    return handshakesOfLate.count < Self.underWayMaximum ? handshakesWaiting.popFirst() : nil
  }

  private func isUnderWay(_ handshake: HandshakeOfLate) -> Bool {
    table.contains(handshake.client) && table[handshake.client.slot].isShakingHands
      && handshake.at.advanced(by: Self.countedTime) > loop.now
  }

  private func established(_ slot: Int32, _ tls: TLSSession) {
    totals.handshakes += 1
    table[slot].isShakingHands = false
    if tls.isResumed { totals.handshakesResumed += 1 }
    setDeadline(slot, after: configuration.headLimit)
    read(slot)
  }
}
