import Foundation
import Reactor
import TLS
import Testing

extension IntegrationTests {
  /// Where the kernel permits io_uring, an edge sends by it, and else as before: its clients see no difference.
  @Suite("An edge that sends by io_uring", .patient) struct RingTests {
    private static let workers = "emojitrack_edge_io_uring_workers"
    private static let refused = "io_uring cannot be used here"

    /// Whether this kernel permits io_uring, by the system's own account.
    private static var isPermitted: Bool {
      let release = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
      let version = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
      let isDisabled =
        (try? String(contentsOfFile: "/proc/sys/kernel/io_uring_disabled", encoding: .utf8))?.hasPrefix("2")
        ?? false
      return !version.lexicographicallyPrecedes([6, 1]) && !isDisabled
    }

    /// Starts a command under a filter of system calls, as containers have one: `io_uring_setup(2)` gives `EPERM`.
    private static let filtered = [
      "python3", "-c",
      """
      import ctypes, os, struct, sys
      rules = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)]
      code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
      program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code)))
      libc = ctypes.CDLL(None, use_errno=True)
      assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
      os.execvp(sys.argv[1], sys.argv[1:])
      """,
    ]

    /// Clients of both protocols, more than one batch of a worker has; some read nothing for a while.
    private static func expectExact(_ deployment: Deployment) throws {
      let edge = deployment.edges[0]
      let redis = try deployment.redis.client()
      let start = try redis.totals()
      let clients = try (0..<300).map { index in
        index % 2 == 0
          ? try edge.client("/subscribe/eps") : try SSEClient("/subscribe/eps", by: edge.secure())
      }
      defer { for client in clients { client.close() } }
      let slow = try [edge.plain, edge.secure()].map { approach in
        var approach = approach
        approach.receiveBufferSize = 2_048
        return try SSEClient("/subscribe/eps", by: approach)
      }
      defer { for client in slow { client.close() } }
      for client in slow { try client.pause() }
      for round in 0..<40 {
        // Long events, so that the slow clients' sockets fill up, in the middle of a record too.
        try redis.tweet((0..<200).map { "LONG-SCORE-ID-\(round)-\($0)" })
        letPass(.milliseconds(20))
      }
      try wait(for: "a slow client") { try edge.metrics()["emojitrack_edge_clients_lagging", default: 0] > 0 }
      for client in slow { try client.resume() }
      try deployment.expectExactSums(of: clients + slow, since: start)
    }

    private static func options(_ flags: [String] = []) throws -> Deployment.Options {
      var options = Deployment.Options(edgeCount: 1)
      options.edgeFlags = ["--workers", "2"] + flags
      options.secure = try TestRun.shared().ours
      return options
    }

    @Test(
      "All clients are exact, also slow ones",
      .enabled(if: isPermitted, "the kernel does not permit io_uring"))
    func permitted() throws {
      try Deployment.run(Self.options()) { deployment in
        try Self.expectExact(deployment)
        let edge = deployment.edges[0]
        #expect(try edge.metrics()[Self.workers] == 2)
        #expect(!edge.log.contains(Self.refused))
      }
    }

    @Test("The setting turns it off")
    func off() throws {
      try Deployment.run(Self.options(["--iouring-enabled", "false"])) { deployment in
        try Self.expectExact(deployment)
        #expect(try deployment.edges[0].metrics()[Self.workers] == 0)
        #expect(!deployment.edges[0].log.contains(Self.refused))
      }
    }

    @Test(
      "Under a container's filter the edge says so once, and sends without it",
      .enabled(if: ChildProcess.succeeds("python3", ["-c", "import ctypes"]), "Python is missing"))
    func forbidden() throws {
      var options = try Self.options()
      options.edgeLauncher = Self.filtered
      try Deployment.run(options) { deployment in
        try Self.expectExact(deployment)
        let edge = deployment.edges[0]
        #expect(try edge.metrics()[Self.workers] == 0)
        #expect(edge.log.components(separatedBy: Self.refused).count == 2)
        #expect(edge.log.contains("io_uring_setup: Operation not permitted"))
      }
    }
  }
}
