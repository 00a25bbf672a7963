import Foundation
import Reactor
import Testing

extension IntegrationTests {
  @Suite("A client that takes nothing any longer", .patient) struct StalledClientTests {
    /// The connections at a port of this machine that their owner has closed, while the kernel still holds bytes for the other side
    /// (proc(5), `/proc/net/tcp`; state 4 is FIN_WAIT1).
    private static func orphans(at port: UInt16) throws -> Int {
      let suffix = ":" + String(format: "%04X", Int(port))
      return try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n").count {
        line in
        let fields = line.split(separator: " ")
        return fields.count > 3 && fields[1].hasSuffix(suffix) && fields[3] == "04"
      }
    }

    @Test("It is cut off after lag.maximum, and the kernel keeps nothing for it", arguments: [false, true])
    func cutOff(isSecure: Bool) throws {
      var options = Deployment.Options(edgeCount: 1)
      options.edgeFlags = ["--lag-maximum", "1s"]
      options.secure = try TestRun.shared().ours
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        var approach = isSecure ? try edge.secure() : try edge.plain
        approach.receiveBufferSize = 2_048
        let client = try SSEClient("/subscribe/eps", by: approach)
        defer { client.close() }
        let start = try deployment.redis.client().totals()
        let good = try SSEClient("/subscribe/eps", by: edge.plain)
        defer { good.close() }
        try client.pause()
        let redis = try deployment.redis.client()
        // As a rule the kernel is the first to give up (TCP_USER_TIMEOUT).
        let reasons = ["reset", "writeTimeout"].map {
          "emojitrack_edge_connections_closed_total{reason=\"\($0)\"}"
        }
        try wait(for: "the end of the client") {
          try redis.tweet((0..<200).map { "LONG-SCORE-ID-\($0)" })
          let metrics = try edge.metrics()
          return reasons.contains { metrics[$0] == 1 }
        }
        #expect(try Self.orphans(at: approach.address.port) == 0)
        try deployment.expectExactSums(of: [good], since: start)
      }
    }
  }
}
