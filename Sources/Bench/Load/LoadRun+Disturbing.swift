import Reactor

// The clients that make work for the server and, if it is a bad one, for the other clients.
extension LoadRun {
  /// Performs the disturbances that are due.
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

  /// Each client that connects within a second has a slot; the previous client in it has stayed for a second.
  private func pass(_ count: Int) {
    for _ in 0..<min(count, options.counts.passing) {
      let slot = options.counts.clients + passed % options.counts.passing
      passed += 1
      if clients[slot].descriptor >= 0 { close(slot) }
      open(slot)
    }
  }

  private func storm() {
    let slots = clients.indices.filter {
      clients[$0].role == .storming && clients[$0].phase == .streaming
    }
    for slot in slots { close(slot) }
    for slot in slots { open(slot) }
  }

  /// The clients that held back read everything.
  func resumeHeldBack() {
    for slot in clients.indices where clients[slot].role.isHeldBack && clients[slot].phase == .streaming {
      want(.readable, slot)
    }
  }
}
