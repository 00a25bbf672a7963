import PlantedFaults

/// The limits on streaming clients.
package struct ClientLimits: Equatable, Sendable {
  /// The default limit for one address: more clients than usually share the address of an office's or a carrier's
  /// NAT, and half of what a process that may open 20,000 files can serve.
  package static let standardPerAddress = 20_000

  /// The most clients in all.
  package let clientsMaximum: Int
  /// The most clients from one address, or from one IPv6 /64 network.
  package let perAddressMaximum: Int
  /// The addresses to which only the overall limit applies, such as proxies that do not forward clients' addresses.
  package let unlimited: NetworkList

  /// - Parameters:
  ///   - clientsMaximum: at least 1.
  ///   - perAddressMaximum: at least 1.
  ///   - unlimited: none by default, not even loopback addresses.
  package init(
    clientsMaximum: Int, perAddressMaximum: Int = standardPerAddress, unlimited: NetworkList = .empty
  ) {
    precondition(clientsMaximum >= 1 && perAddressMaximum >= 1)
    self.clientsMaximum = clientsMaximum
    self.perAddressMaximum = perAddressMaximum
    self.unlimited = unlimited
  }
}

/// Counts the streaming clients, in all and by address, and rejects clients above a limit.
///
/// IPv6 clients are counted by /64, the least that a subscriber gets (RFC 6177): counted by address, one client could
/// appear as 2⁶⁴. The memory grows with the most clients that streamed at once, by less than 100 bytes each.
package struct ClientLimiter: Sendable {
  /// The decision about a client.
  package enum Admission: Equatable, Sendable {
    /// The client is counted, until `leave(_:)`.
    case admitted
    /// There is no room for any client. The client is not counted.
    case edgeIsFull
    /// There is no room for another client from this address. The client is not counted.
    case addressIsFull
  }

  private var limits: ClientLimits
  private var countByAddress: [NetworkAddress: UInt32] = [:]

  /// The number of streaming clients.
  package private(set) var count = 0

  /// Whether load balancers should send clients elsewhere: from the moment at which the edge is full until less than
  /// ``readyShare`` per cent is taken. So the answer does not change with each client that joins or leaves.
  package private(set) var isFull = false

  /// An edge that was full is ready again below this percentage of the most clients.
  package static let readyShare = 95

  /// The number of addresses with counted clients, without the unlimited ones.
  package var addressCount: Int { countByAddress.count }

  /// A limiter without clients.
  package init(limits: ClientLimits) {
    self.limits = limits
  }

  /// Changes the limits, but not the unlimited addresses. Clients that are connected stay.
  package mutating func setLimits(clientsMaximum: Int, perAddressMaximum: Int) {
    limits = ClientLimits(
      clientsMaximum: clientsMaximum, perAddressMaximum: perAddressMaximum, unlimited: limits.unlimited)
    lookWhetherFull()
  }

  /// A client asks to stream.
  ///
  /// - Parameter address: the client's address (``ForwardedFor``); nil if it is unknown, and then only the overall
  ///   limit applies.
  package mutating func join(_ address: NetworkAddress?) -> Admission {
    guard count < limits.clientsMaximum else { return .edgeIsFull }
    if let key = key(for: address) {
      let others = countByAddress[key, default: 0]
      guard others < limits.perAddressMaximum else { return .addressIsFull }
      countByAddress[key] = planted(.addressUncounted) ? max(others, 1) : others + 1
    }
    count += 1
    lookWhetherFull()
    return .admitted
  }

  /// A client that was admitted has left.
  ///
  /// - Parameter address: the same as in `join(_:)`.
  package mutating func leave(_ address: NetworkAddress?) {
    precondition(count > 0, "a client left that had not joined")
    if planted(.placeKept) { return }
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

  /// The address under which a client is counted; nil if it is not counted by address.
  private func key(for address: NetworkAddress?) -> NetworkAddress? {
    guard let address, !limits.unlimited.contains(address) else { return nil }
    return address.isIPv4 ? address : NetworkAddress(bits: address.bits & ~UInt128(UInt64.max))
  }
}
