import Primitives
import Reactor
import Service
import Transport

extension PreflightReport {
  private static let subject = "readiness"

  /// Asks the process that listens at an address whether it is ready.
  ///
  /// It asks `/readyz` and not `/healthz`. A process that ends needs no check, and one that runs but serves
  /// nothing is what a service manager, another service or a balancer cannot see by itself.
  ///
  /// - Parameters:
  ///   - program: the name of the command that should run there.
  ///   - listen: an address of its settings, for connections without TLS and without a PROXY header.
  package mutating func readiness(of program: String, at listen: ListenAddress) {
    guard let endpoint = Self.endpoint(of: listen) else {
      return fail(
        Self.subject, "cannot be asked for at \(listen): the kernel chose the port",
        remedy: "set status.listen to an address with a port")
    }
    let remedy = "check that it runs, and give the healthcheck the same settings"
    guard let result = attempt(Self.subject, remedy: remedy, { try ReadinessRequest.ask(endpoint) }) else {
      return
    }
    switch result.map(\.meaning) {
    case .failure(let failure):
      fail(Self.subject, "\(program) does not answer at \(endpoint): \(failure)", remedy: remedy)
    case .success(.ready): ok(Self.subject, "\(program) is ready at \(endpoint)")
    case .success(.unready(let reason)):
      fail(
        Self.subject, "\(program) runs at \(endpoint), and is not ready: \(reason)",
        remedy: "read its log; \(program) check checks what it needs")
    case .success(.foreign):
      fail(
        Self.subject, "something else than \(program) answers at \(endpoint)",
        remedy: "stop it, or give the healthcheck the settings of the process")
    }
  }

  /// Where to connect to reach a listener from its own machine; nil if its port is not known.
  static func endpoint(of listen: ListenAddress) -> Endpoint? {
    switch listen {
    case .unix(let path): .unix(path: path)
    case .tcp(_, port: 0): nil
    case .tcp(let host, let port):
      switch host {
      // A listener at all addresses is reached at the loopback address.
      case nil, "0.0.0.0", "localhost": .tcp(host: "127.0.0.1", port: port)
      case "::": .tcp(host: "::1", port: port)
      case let host?: .tcp(host: host, port: port)
      }
    }
  }
}
