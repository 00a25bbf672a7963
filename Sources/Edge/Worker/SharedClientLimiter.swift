import EdgeCore
import Synchronization

/// The streaming clients, the connections and the handed-over TLS sessions of all workers. The limits apply to the whole
/// edge, however the kernel spreads the clients. It is used when a client joins or leaves, and when the edge's state is requested.
final class SharedClientLimiter: Sendable {
  private let ledger: Mutex<ClientLimiter>
  private let connections = Atomic<Int>(0)
  private let handOvers = Atomic<UInt64>(0)

  init(limits: ClientLimits) {
    ledger = Mutex(ClientLimiter(limits: limits))
  }

  /// Changes the limit. Clients that are connected stay, even beyond it.
  func setLimits(clientsMaximum: Int, perAddressMaximum: Int) {
    ledger.withLock {
      $0.setLimits(clientsMaximum: clientsMaximum, perAddressMaximum: perAddressMaximum)
    }
  }

  /// The number of connections, whether they stream or not.
  var connectionCount: Int { connections.load(ordering: .relaxed) }

  /// A worker has accepted a connection.
  func connectionOpened() { connections.add(1, ordering: .relaxed) }

  /// A worker has closed a connection.
  func connectionClosed() { connections.subtract(1, ordering: .relaxed) }

  /// The TLS sessions that were handed over since the start.
  var handOverCount: UInt64 { handOvers.load(ordering: .relaxed) }

  /// A worker has taken over the records of a TLS session.
  func sessionHandedOver() { handOvers.add(1, ordering: .relaxed) }

  /// Whether load balancers should send clients elsewhere.
  var isFull: Bool { ledger.withLock(\.isFull) }

  /// Takes a place for a client with this address. Returns false if there is none.
  func join(_ address: NetworkAddress?) -> Bool {
    ledger.withLock { $0.join(address) } == .admitted
  }

  /// Gives a place back.
  func leave(_ address: NetworkAddress?) {
    ledger.withLock { $0.leave(address) }
  }
}
