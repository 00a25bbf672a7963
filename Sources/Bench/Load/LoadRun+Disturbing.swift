import Reactor

// The clients that make life hard for a server and, if it is a bad one, for the others.
extension LoadRun {
  /// Does what is due.
  func disturb() {
    let due = disturbances.due(at: loop.now)
    if due.vanishing > 0 { vanish(due.vanishing) }
    if due.passing > 0 { pass(due.passing) }
    if due.storm { storm() }
    if due.slowBytes > 0 {
      for slot in clients.indices where clients[slot].role == .slow && clients[slot].phase == .streaming {
        read(slot, atMost: min(due.slowBytes, readBuffer.count))
      }
    }
  }

  private func vanish(_ count: Int) {
    for slot in clients.indices.filter({ clients[$0].role == .vanishing && clients[$0].phase == .streaming })
      .prefix(count)
    {
      Socket.resetOnClose(clients[slot].descriptor)
      close(slot)
    }
  }

  /// There is a place for each that comes within a second: who held it before has been there for one.
  private func pass(_ count: Int) {
    for _ in 0..<min(count, options.counts.passing) {
      let slot = options.counts.clients + passed % options.counts.passing
      passed += 1
      if clients[slot].descriptor >= 0 { close(slot) }
      open(slot)
    }
  }

  /// Where the stream has ids, the few that have half an event stay: they could not say what they have.
  private func storm() {
    let slots = clients.indices.filter {
      clients[$0].role == .storming && clients[$0].phase == .streaming
        && (clients[$0].scanner.isAtBorder || !options.target.isResumable)
    }
    for slot in slots { close(slot) }
    for slot in slots { open(slot) }
  }

  /// Who held back reads whatever there is.
  func resumeHeldBack() {
    for slot in clients.indices where clients[slot].role.isHeldBack && clients[slot].phase == .streaming {
      want(.readable, slot)
    }
  }
}
