import EdgeCore
import HTTP2
import Primitives
import Reactor
import Service
import TLS

// TLS handshakes wait in a queue (`HandshakeQueue`): each turn runs a few of them after its delivery.
extension Worker {
  func beginHandshake(_ id: ConnectionID, _ context: TLSContext) {
    setDeadline(id, after: configuration.settings.handshakeTimeout)
    do throws(TLSFailure) {
      connections[id.slot].tls = try TLSSession(
        accepting: connections[id.slot].descriptor, context: context,
        handsOver: configuration.settings.records == .own)
    } catch {
      close(id, .reset)
    }
  }

  func awaitHandshake(_ id: ConnectionID) {
    handshakes.becameReady(id)
    serveAtTurnEnd()
  }

  /// Runs the next steps; the others wait for the next turn.
  func advanceHandshakes() {
    for _ in 0..<HandshakeQueue.stepsPerTurn {
      guard let id = handshakes.next(now: loop.now) else { break }
      guard let tls = connections[id]?.tls else { continue }
      switch tls.handshake() {
      case .complete: established(id, tls)
      case .wantsRead, .wantsWrite: break
      case .failed:
        totals.handshakesFailed += 1
        close(id, .handshakeFailed)
      }
    }
    guard let deadline = handshakes.deadline(now: loop.now) else { return }
    loop.schedule(at: deadline) { [weak self] in self?.serveAtTurnEnd() }
  }

  private func established(_ id: ConnectionID, _ tls: TLSSession) {
    totals.handshakes += 1
    handshakes.ended(id)
    if tls.isResumed { totals.handshakesResumed += 1 }
    if tls.protocolName == SecureContext.http2 { return beginHTTP2(id, after: ConnectionPreface()) }
    setDeadline(id, after: configuration.settings.headTimeout)
    read(id)
  }
}
