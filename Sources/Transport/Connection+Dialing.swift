import Primitives
import Reactor

extension Connection {
  /// Begins to connect: resolves the name, tries its addresses in turn, and shakes hands.
  ///
  /// - Parameters:
  ///   - limit: how long all of that may take.
  ///   - delegate: told that the connection opened, or why it could not. Never before this returns.
  public convenience init(
    to endpoint: Endpoint, on network: Network, security: Security, within limit: Duration = .seconds(5),
    delegate: any ConnectionDelegate
  ) {
    self.init(network: network, security: security, delegate: delegate)
    setTimeout(limit)
    // In the next turn: the caller must hold the connection before it hears of it.
    network.loop.schedule(at: network.loop.now) { [weak self] in self?.dial(endpoint) }
  }

  private func dial(_ endpoint: Endpoint) {
    guard phase == .connecting else { return }
    switch endpoint {
    case .unix(let path):
      guard let address = SocketAddress(unixPath: path) else {
        return fail(.system(SystemError(call: "connect", code: 36)))  // ENAMETOOLONG
      }
      tryAddresses([address][...], lastFailure: nil)
    case .tcp(let host, let port):
      network.resolver.resolve(host: host, port: port) { [weak self] result in
        guard let self, phase == .connecting else { return }
        switch result {
        case .success(let addresses): tryAddresses(addresses[...], lastFailure: nil)
        case .failure(let error): fail(.unresolved(error))
        }
      }
    }
  }

  private func tryAddresses(_ addresses: ArraySlice<SocketAddress>, lastFailure: SystemError?) {
    guard phase == .connecting else { return }
    guard let address = addresses.first else {
      return fail(.system(lastFailure ?? SystemError(call: "connect", code: 99)))  // EADDRNOTAVAIL
    }
    let tryNext = { [weak self] (error: SystemError) -> Void in
      self?.tryAddresses(addresses.dropFirst(), lastFailure: error)
    }
    do throws(SystemError) {
      let descriptor = try Socket.make(for: address)
      try Socket.connect(descriptor.number, to: address)
      remoteAddress = address
      pending = try PendingConnect(descriptor, on: network.loop) { [weak self] descriptor, error in
        guard let self, phase == .connecting else { return }
        pending = nil
        if let error { tryNext(error) } else { established(descriptor) }
      }
    } catch {
      tryNext(error)
    }
  }
}

/// A socket whose `connect` is under way: it turns writable when that is decided.
final class PendingConnect: ReadinessHandler {
  private let loop: EventLoop
  private var descriptor: FileDescriptor?
  private var registration: EventLoop.Registration?
  private let decided: (consuming FileDescriptor, SystemError?) -> Void

  init(
    _ descriptor: consuming FileDescriptor, on loop: EventLoop,
    decided: @escaping (consuming FileDescriptor, SystemError?) -> Void
  ) throws(SystemError) {
    self.loop = loop
    self.decided = decided
    let number = descriptor.number
    self.descriptor = consume descriptor
    registration = try loop.register(number, for: .writable, handler: self)
  }

  func descriptorReady(_ readiness: Readiness, token: Int) {
    guard let descriptor = stop() else { return }
    let error = Socket.pendingError(of: descriptor.number)
    decided(descriptor, error)
  }

  /// Gives the socket up: closed, if the caller does not keep it.
  @discardableResult
  func stop() -> FileDescriptor? {
    guard let taken = descriptor.take() else { return nil }
    if let registration { loop.deregister(registration, of: taken.number) }
    registration = nil
    return taken
  }
}
