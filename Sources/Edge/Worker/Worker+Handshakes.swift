import EdgeCore
import Primitives
import Reactor
import TLS

// TLS handshakes cost a thousand times what an event costs, so they wait in line: each turn takes a few, after it has
// delivered. A storm of clients that come back delays nobody who is there. Those that have begun go first: a handshake
// under way holds some 45 KB, and one that waits for its beginning nearly nothing.
extension Worker {
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
      guard let slot = handshakesBegun.popFirst() ?? handshakesWaiting.popFirst() else { return }
      // A place that was given to somebody else meanwhile awaits nothing, or awaits in its own right.
      guard table[slot].awaitsHandshake, let tls = table[slot].tls else { continue }
      table[slot].awaitsHandshake = false
      table[slot].isShakingHands = true
      switch tls.handshake() {
      case .complete: established(slot, tls)
      case .wantsRead, .wantsWrite: break
      case .failed:
        totals.handshakesFailed += 1
        close(slot, .handshakeFailed)
      }
    }
    guard !handshakesBegun.isEmpty || !handshakesWaiting.isEmpty else { return }
    loop.schedule(at: loop.now) { [weak self] in self?.serveAtTurnEnd() }
  }

  private func established(_ slot: Int32, _ tls: TLSSession) {
    totals.handshakes += 1
    table[slot].isShakingHands = false
    if tls.isResumed { totals.handshakesResumed += 1 }
    setDeadline(slot, after: configuration.headLimit)
    read(slot)
  }
}
