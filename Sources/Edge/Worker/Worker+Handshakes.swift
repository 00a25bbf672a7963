import EdgeCore
import HTTP2
import Primitives
import Reactor
import Service
import TLS

// TLS handshakes wait in a queue (`HandshakeQueue`): each turn runs a few of them after its delivery.
extension Worker {
  func awaitHandshake(_ id: ConnectionID) {
    if handshakes.becameReady(id) { _ = connections[id.slot].http.deadlineSet() }
    serveAtTurnEnd()
  }

  /// Makes the session for the first step.
  private func beginHandshake(_ id: ConnectionID) {
    guard let context = connections[id]?.context else { return }
    // It takes some 45 KiB, and memory was there when the connection was accepted.
    guard health.memory?.isNearlyUsedUp != true else {
      totals.refused += 1
      return close(id, .overLimit)
    }
    connections[id.slot].context = nil
    setDeadline(id, after: configuration.settings.handshakeTimeout)
    do throws(TLSFailure) {
      connections[id.slot].tls = try TLSSession(
        accepting: connections[id.slot].descriptor, context: context,
        handsOver: configuration.settings.records == .own)
    } catch {
      close(id, .reset)
    }
  }

  /// Runs the next steps; the others wait for the next turn.
  func advanceHandshakes() {
    handshakes.beginTurn()
    while let (id, isFirst) = handshakes.next(now: loop.now) {
      if isFirst { beginHandshake(id) }
      guard let tls = connections[id]?.tls else { continue }
      switch handshakes.stepTaken(by: id, HandshakeQueue.Step(tls.handshake())) {
      case .wait: break
      case .establish: established(id, tls)
      case .close(let reason):
        totals.handshakesFailed += 1
        close(id, reason)
      }
    }
    handshakeTimer?.set(handshakes.deadline(now: loop.now))
  }

  private func established(_ id: ConnectionID, _ tls: TLSSession) {
    totals.handshakes += 1
    if tls.isResumed { totals.handshakesResumed += 1 }
    if tls.protocolName == SecureContext.http2 { return beginHTTP2(id, after: ConnectionPreface()) }
    setDeadline(id, after: configuration.settings.headTimeout)
    read(id)
  }
}

extension HandshakeQueue.Step {
  fileprivate init(_ result: TLSSession.HandshakeResult) {
    self =
      switch result {
      case .complete: .complete
      case .wantsRead, .wantsWrite: .wait
      case .failed: .failed
      }
  }
}
