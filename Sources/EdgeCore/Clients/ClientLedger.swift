/// How many clients may stream at once.
public struct ClientLimits: Equatable, Sendable {
  /// The default for one address: more than share one behind an office's or a carrier's translation of addresses, and
  /// half of what a process carries that may open 20,000 files.
  public static let standardPerAddress = 20_000

  /// In all.
  public let clientsMaximum: Int
  /// From one address; of IPv6, from one /64 network.
  public let perAddressMaximum: Int
  /// The addresses for which only the limit in all holds, such as those of proxies that do not tell who is behind them.
  public let unlimited: NetworkList

  /// - Parameters:
  ///   - clientsMaximum: at least 1.
  ///   - perAddressMaximum: at least 1.
  ///   - unlimited: nobody by default, not even the machine itself.
  public init(
    clientsMaximum: Int, perAddressMaximum: Int = standardPerAddress, unlimited: NetworkList = .empty
  ) {
    precondition(clientsMaximum >= 1 && perAddressMaximum >= 1)
    self.clientsMaximum = clientsMaximum
    self.perAddressMaximum = perAddressMaximum
    self.unlimited = unlimited
  }
}

/// Counts the clients that stream, in all and by address, and turns away those above a limit.
///
/// IPv6 is counted by /64, the least that a subscriber gets (RFC 6177): by address, one client could count as 2⁶⁴. The
/// memory grows with the most clients that streamed at once, by less than 100 bytes each.
public struct ClientLedger: Sendable {
  /// What is to be done with a client.
  public enum Admission: Equatable, Sendable {
    /// It is counted, until `leave(_:)`.
    case admitted
    /// There is no room for anybody. It is not counted.
    case edgeIsFull
    /// There is no room for another one from there. It is not counted.
    case addressIsFull
  }

  private var limits: ClientLimits
  private var countByAddress: [NetworkAddress: UInt32] = [:]

  /// How many clients stream.
  public private(set) var count = 0

  /// Whether a balancer is to send clients elsewhere: from the moment at which there is room for nobody until less than
  /// ``readyShare`` per cent is taken, so that it does not change with each client that comes or goes.
  public private(set) var isFull = false

  /// Below how many per cent of the most clients an edge that was full is ready again.
  public static let readyShare = 95

  /// How many addresses with clients are counted, the unlimited ones aside.
  public var addressCount: Int { countByAddress.count }

  /// A ledger without clients.
  public init(limits: ClientLimits) {
    self.limits = limits
  }

  /// Changes the limits; who is unlimited stays so. Clients that are connected stay.
  public mutating func setLimits(clientsMaximum: Int, perAddressMaximum: Int) {
    limits = ClientLimits(
      clientsMaximum: clientsMaximum, perAddressMaximum: perAddressMaximum, unlimited: limits.unlimited)
    lookWhetherFull()
  }

  /// A client wants to stream.
  ///
  /// - Parameter address: who it is (``ForwardedFor``); nil if nobody can tell, and then only the limit in all holds.
  public mutating func join(_ address: NetworkAddress?) -> Admission {
    guard count < limits.clientsMaximum else { return .edgeIsFull }
    if let key = key(for: address) {
      let others = countByAddress[key, default: 0]
      guard others < limits.perAddressMaximum else { return .addressIsFull }
      countByAddress[key] = others + 1
    }
    count += 1
    lookWhetherFull()
    return .admitted
  }

  /// A client that was admitted has gone.
  ///
  /// - Parameter address: the same as in `join(_:)`.
  public mutating func leave(_ address: NetworkAddress?) {
    precondition(count > 0, "a client left that had not joined")
    count -= 1
    lookWhetherFull()
    guard let key = key(for: address) else { return }
    guard let clients = countByAddress[key] else {
      preconditionFailure("a client left from an address that has none")
    }
    countByAddress[key] = clients == 1 ? nil : clients - 1
  }

  private mutating func lookWhetherFull() {
    if count >= limits.clientsMaximum {
      isFull = true
    } else if count * 100 < limits.clientsMaximum * Self.readyShare {
      isFull = false
    }
  }

  /// Under which address a client is counted; nil if under none.
  private func key(for address: NetworkAddress?) -> NetworkAddress? {
    guard let address, !limits.unlimited.contains(address) else { return nil }
    return address.isIPv4 ? address : NetworkAddress(bits: address.bits & ~UInt128(UInt64.max))
  }
}
