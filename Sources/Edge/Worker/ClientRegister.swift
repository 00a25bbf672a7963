import EdgeCore
import Synchronization

/// Who streams, over all workers: the limits are the edge's, however the kernel spreads its clients. It is asked when a
/// client comes and when it goes, and when somebody asks for the edge's state.
final class ClientRegister: Sendable {
  private let ledger: Mutex<ClientLedger>

  init(limits: ClientLimits) {
    ledger = Mutex(ClientLedger(limits: limits))
  }

  /// Changes the limit. Clients that are connected stay, even beyond it.
  func setLimits(clientsMaximum: Int, perAddressMaximum: Int) {
    ledger.withLock {
      $0.setLimits(clientsMaximum: clientsMaximum, perAddressMaximum: perAddressMaximum)
    }
  }

  /// Whether a balancer is to send clients elsewhere.
  var isFull: Bool { ledger.withLock(\.isFull) }

  /// Takes a place, if there is one for a client of that address.
  func join(_ address: NetworkAddress?) -> Bool {
    ledger.withLock { $0.join(address) } == .admitted
  }

  /// Gives a place back.
  func leave(_ address: NetworkAddress?) {
    ledger.withLock { $0.leave(address) }
  }
}
