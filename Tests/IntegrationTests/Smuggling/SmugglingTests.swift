import Foundation
import Reactor
import Testing

extension IntegrationTests {
  /// Requests whose end is doubtful, at an edge and through proxies that keep connections to it. HAProxy and nginx are always tested;
  /// `EMOJITRACK_ROAD=1` adds Envoy and Caddy, and those that can speak HTTP/2 to the edge; the name of a program tests
  /// that one.
  ///
  /// Only what reaches the edge is judged. A proxy that refuses, mends or passes on what it gets is right in any case,
  /// as long as the edge does not see more requests than the proxy does.
  @Suite("Requests that two parsers read differently", .patient)
  struct SmugglingTests {
    private static let wish = ProcessInfo.processInfo.environment["EMOJITRACK_ROAD"]
    private static let programs = ["haproxy", "nginx", "envoy", "caddy"]
    private static let kinds = (ProxyKind.all + ProxyKind.overHTTP2).filter { kind in
      guard kind.isInstalled, programs.contains(kind.program) else { return false }
      return switch wish {
      case nil: ["nginx", "haproxy"].contains(kind.program) && kind.http2 == nil
      case "1": true
      case let name: kind.program == name
      }
    }

    @Test("The edge answers each as it should, and takes nothing behind a refusal for a request")
    func atTheEdge() throws {
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let approach = try deployment.edges[0].plain
        for family in FramingFamily.all {
          let outcome = try FramingTrial.send(family.bytes, by: approach)
          #expect(outcome.answers.map(\.status) == family.answers, "\(family.name)")
          #expect(outcome.isClosed == !family.keepsConnection, "\(family.name)")
        }
        // A refusal costs a connection and nothing else.
        #expect(deployment.edges[0].isReady)
      }
    }

    @Test(
      "Behind a proxy, the edge sees no request that the proxy did not mean, and each client gets its own answer",
      .enabled(if: !kinds.isEmpty, Proxy.isMissing), arguments: kinds)
    func behindAProxy(_ kind: ProxyKind) throws {
      try Deployment.run(Deployment.Options(edgeCount: 1)) { deployment in
        let tap = try RequestTap(to: deployment.edges[0].address.port)
        // The tap stands for each edge of the example.
        let edges = Array(repeating: try SocketAddress.loopback(tap.port), count: kind.edgeCount)
        let proxy = try Proxy(
          kind, FramingTrial.configuration(of: kind), at: edges, folder: deployment.folder)
        let trial = FramingTrial(tap: tap, approach: Approach(address: proxy.address))
        try trial.waitUntilReady()
        var seen = 0
        for family in FramingFamily.throughProxies {
          let sight = try trial.run(family)
          seen += sight.seen.count
          #expect(sight.excess == 0, "\(kind.name): \(family.name): \(sight)")
          #expect(sight.nextClientIsServed, "\(kind.name): \(family.name): \(sight)")
        }
        // Otherwise nothing was tried.
        #expect(seen > 20, "\(kind.name)")
        print(
          "road: \(kind.name): \(FramingFamily.throughProxies.count) requests of doubtful length, \(seen) answers of the edge"
        )
        withExtendedLifetime(proxy) {}
      }
    }
  }
}
