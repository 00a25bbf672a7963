import Primitives
import Reactor
import TLS

// The inner loop: one read per readiness, scanned in place.
extension LoadRun {
  func descriptorReady(_ readiness: Readiness, token slot: Int) {
    switch clients[slot].phase {
    case .streaming, .awaitingHead:
      // A client that holds back is notified only of the end.
      guard readiness.contains(.readable) else { return ended(slot, because: "hung up") }
      read(slot, atMost: readBuffer.count)
    case .connecting: connectionDecided(slot)
    case .handshaking: handshake(slot)
    case .waiting, .retired: break
    }
  }

  /// Reads once.
  ///
  /// - Returns: the number of bytes read.
  @discardableResult
  func read(_ slot: Int, atMost limit: Int) -> Int {
    switch receive(slot, limit) {
    case .bytes(let count):
      take(count, slot)
      return count
    case .nothing: break
    case .over(let reason): ended(slot, because: reason)
    }
    return 0
  }

  private enum Received {
    case bytes(Int), nothing, over(String)
  }

  private func receive(_ slot: Int, _ limit: Int) -> Received {
    guard let tls = clients[slot].tls else {
      return switch Socket.receive(clients[slot].descriptor, into: &readBuffer, limit: limit) {
      case .moved(let count): .bytes(count)
      case .wouldBlock: .nothing
      case .ended: .over("closed by the server")
      case .failed(let error): .over("\(error)")
      }
    }
    return switch tls.read(into: &readBuffer, limit: limit) {
    case .bytes(let count): .bytes(count)
    case .wantsRead, .wantsWrite: .nothing
    case .closed: .over("closed by the server")
    case .failed(let failure): .over("\(failure)")
    }
  }

  private func take(_ count: Int, _ slot: Int) {
    if clients[slot].multiplexed != nil {
      guard takeFrames(count, slot) else { return }
    } else {
      var start = 0
      if clients[slot].phase == .awaitingHead, !clients[slot].isTurnedAway {
        guard let size = takeHead(count, slot) else { return }
        start = size
      }
      clients[slot].take(readBuffer.span.extracting(start..<count))
    }
    clients[slot].heardAt = loop.now
    if clients[slot].interruption != nil { isMaybeBack(slot) }
    let probes = clients[slot].takeProbes()
    if probes != 0 { probesArrived(probes, slot) }
    // A proxy may keep the connection open after the end of the stream, and an edge one of HTTP/2.
    if clients[slot].isOver { ended(slot, because: "closed by the server") }
  }

  /// - Returns: whether the connection goes on.
  private func takeFrames(_ count: Int, _ slot: Int) -> Bool {
    do throws(MultiplexedConnection.Failure) {
      try clients[slot].takeMultiplexed(readBuffer.span.extracting(0..<count))
    } catch {
      ended(slot, because: "HTTP/2: \(error)")
      return false
    }
    let output = clients[slot].multiplexed?.takeOutput() ?? []
    guard output.isEmpty || send(output, slot) else {
      ended(slot, because: "the answer was not taken")
      return false
    }
    if clients[slot].phase == .awaitingHead, clients[slot].multiplexed?.isStreaming == true { began(slot) }
    return true
  }

  /// A client that returned is back with its first event.
  private func isMaybeBack(_ slot: Int) {
    guard let interruption = clients[slot].interruption,
      clients[slot].streams.allSatisfy({ $0.scanner.ended > 0 })
    else { return }
    clients[slot].interruption = nil
    let now = MonotonicClock.now()
    let second = stage == .measuring ? stageSince.duration(to: now).components.seconds : nil
    report.interruptions.ended(interruption, now: now, second: second.map(Int.init))
  }

  private func probesArrived(_ arrived: UInt64, _ slot: Int) {
    var probes = arrived
    guard let feed, clients[slot].role == .steady, stage == .measuring else { return }
    let now = MonotonicClock.now()
    while probes != 0 {
      let took = feed.sentAt(probes.trailingZeroBitCount).duration(to: now)
      report.latency.record(UInt64(max(0, took.wholeNanoseconds / 1000)))
      probes &= probes - 1
    }
  }
}
