import Primitives
import Reactor
import Transport

// Finds the server, as a user's machine does: it looks the name up for each connection, and tries the next address if one
// refuses or does not answer.
extension LoadRun {
  /// How long an address may take to answer while there is another one. A browser waits for a quarter of a second, but
  /// thousands of clients on one thread cannot tell their own lateness from the server's.
  private static let patience = Duration.seconds(3)
  /// The receive buffer of a client that holds back, in bytes.
  private static let heldBackBuffer = 4_096

  /// Starts to connect.
  func open(_ slot: Int) {
    clients[slot].generation &+= 1
    clients[slot].connectedFrom = MonotonicClock.now()
    clients[slot].head = []
    clients[slot].chunks = nil
    clients[slot].multiplexed = nil
    clients[slot].isTurnedAway = false
    for index in clients[slot].streams.indices { clients[slot].streams[index].reopen() }
    clients[slot].phase = .connecting
    clients[slot].furtherAddresses = 0
    let generation = clients[slot].generation
    // One lookup serves all clients that ask meanwhile. A name server would give each its own order.
    resolver.resolve(host: host, port: options.target.endpoint.port) { [weak self] result in
      guard let self, stage != .closed, clients[slot].generation == generation else { return }
      switch result {
      case .success(let addresses):
        rotation += 1
        let first = rotation % max(1, addresses.count)
        clients[slot].addresses = (addresses[first...] + addresses[..<first])[...]
        attempt(slot)
      case .failure(let error): failed(slot, because: "\(error)")
      }
    }
  }

  /// Connects to the next address.
  private func attempt(_ slot: Int) {
    guard let address = clients[slot].addresses.popFirst() else {
      return failed(slot, because: "the name has no address")
    }
    do throws(SystemError) {
      let descriptor = try Socket.make(for: address)
      if clients[slot].role.isHeldBack {
        Socket.limitReceiveBuffer(descriptor.number, to: Self.heldBackBuffer)
      }
      if !sources.isEmpty { try Socket.bind(descriptor.number, toSource: sources[slot % sources.count]) }
      try Socket.connect(descriptor.number, to: address)
      clients[slot].registration = try loop.register(
        descriptor.number, for: .writable, handler: self, token: slot)
      clients[slot].descriptor = descriptor.release()
      clients[slot].phase = .connecting
    } catch {
      return attemptFailed(slot, because: "\(error)")
    }
    guard !clients[slot].addresses.isEmpty else { return }
    let generation = clients[slot].generation
    loop.schedule(at: loop.now.advanced(by: Self.patience)) { [weak self] in
      guard let self, clients[slot].generation == generation, clients[slot].phase == .connecting
      else { return }
      attemptFailed(slot, because: "no answer")
    }
  }

  /// An address refused or did not answer: the next one is tried at once.
  func attemptFailed(_ slot: Int, because reason: String) {
    guard !clients[slot].addresses.isEmpty else { return failed(slot, because: reason) }
    report.reasons["next address: \(reason)", default: 0] += 1
    close(slot)
    clients[slot].generation &+= 1
    clients[slot].furtherAddresses += 1
    attempt(slot)
  }
}
