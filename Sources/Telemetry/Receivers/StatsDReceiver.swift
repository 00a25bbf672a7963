import HTTP
import Primitives
import Reactor

/// StatsD over datagrams, without any confirmation.
final class StatsDReceiver: MetricsReceiver {
  private let address: HostPort
  private let resolver: Resolver
  private let outcome: PushOutcome
  private var figures: FigureList
  private var format = StatsDFormat()
  private var isResolving = false

  init(
    _ address: HostPort, _ figures: FigureList, resolver: Resolver, outcome: @escaping PushOutcome
  ) {
    self.address = address
    self.figures = figures
    self.resolver = resolver
    self.outcome = outcome
  }

  func push(_ families: [MetricFamily], unixMicroseconds: UInt64) {
    // Dropped; the next push includes the growth of the counters.
    guard !isResolving else { return outcome("its name was not resolved before the next push") }
    isResolving = true
    let datagrams = format.datagrams(figures.figures(of: families))
    // Resolved for each push: a changed address would go unnoticed otherwise.
    resolver.resolve(host: address.host, port: address.port) { [weak self, outcome] result in
      self?.isResolving = false
      do {
        guard let address = try result.get().first else { return }
        let socket = try DatagramSocket(to: address)
        for datagram in datagrams { try socket.send(datagram) }
        outcome(nil)
      } catch {
        outcome("\(error)")
      }
    }
  }
}
