import Primitives
import Reactor

extension Connection {
  /// Starts to connect: resolves the name, connects to the first of its addresses that answers, and performs the
  /// handshake.
  ///
  /// - Parameters:
  ///   - limit: how long connecting and the handshake may take, from when the addresses are known.
  ///   - lookupLimit: how long the look-up may take. A later answer serves the next connection.
  ///   - delegate: told that the connection opened, or why it could not. Never before this returns.
  package convenience init(
    to endpoint: Endpoint, on network: Network, security: Security, within limit: Duration = .seconds(5),
    lookupWithin lookupLimit: Duration = .seconds(30), delegate: any ConnectionDelegate
  ) {
    self.init(network: network, security: security, delegate: delegate)
    // In the next turn: the caller must hold the connection before its delegate is called.
    network.loop.schedule(at: network.loop.now) { [weak self] in
      guard let self, phase == .connecting else { return }
      switch endpoint {
      case .unix(let path):
        guard let address = SocketAddress(unixPath: path) else { return fail(.system(.nameTooLong)) }
        dial([address], within: limit)
      case .tcp(let host, let port): lookUp(host, port, within: lookupLimit, dialingWithin: limit)
      }
    }
  }

  private func lookUp(
    _ host: String, _ port: UInt16, within lookupLimit: Duration, dialingWithin limit: Duration
  ) {
    lookup = network.resolver.resolve(host: host, port: port, within: lookupLimit) { [weak self] result in
      guard let self, phase == .connecting else { return }
      lookup = nil
      switch result {
      case .success(let addresses): dial(addresses, within: limit)
      case .failure(let error): fail(.unresolved(error))
      }
    }
  }

  private func dial(_ addresses: [SocketAddress], within limit: Duration) {
    setTimeout(limit)
    let dialer = Dialer(
      addresses, on: network.loop,
      connected: { [weak self] descriptor, address in
        guard let self, phase == .connecting else { return }
        self.dialer = nil
        remoteAddress = address
        established(descriptor)
      },
      failed: { [weak self] reason in self?.fail(reason) })
    self.dialer = dialer
    dialer.start()
  }
}
