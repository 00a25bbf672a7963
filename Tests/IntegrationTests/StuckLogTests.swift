import Foundation
import TestSupport
import Testing

extension IntegrationTests {
  @Suite("A blocked standard error")
  struct StuckLogTests {
    private static let metric = "_log_lines_dropped_total"
    /// Longer than the moment that a process has for its last lines, but finite.
    private static let endLimit = Duration.seconds(8)

    /// Hub and edge log into pipes that are not read.
    private static func deployed(
      isFull: Bool, edgeFlags: [String] = [],
      _ body: (Deployment, _ hub: UnreadPipe, _ edge: UnreadPipe) throws -> Void
    ) throws {
      let pipes = (hub: UnreadPipe(isFull: isFull), edge: UnreadPipe(isFull: isFull))
      var options = Deployment.Options(edgeCount: 1)
      options.hubStandardError = pipes.hub.writing
      options.edgeStandardError = pipes.edge.writing
      options.edgeFlags = ["--drain-window", "0s"] + edgeFlags
      try withExtendedLifetime(pipes) {
        try Deployment.run(options) { try body($0, pipes.hub, pipes.edge) }
      }
    }

    /// Checks that both serve as usual, and end on a signal.
    private static func expectHealth(_ deployment: Deployment) throws {
      let edge = deployment.edges[0]
      let before = try deployment.redis.client().totals()
      let client = try edge.client("/subscribe/eps")
      try client.waitForBeginning()
      try deployment.redis.client().tweet(["1F602", "2665", "1F602"])
      try deployment.expectExactSums(of: [client], since: before)
      #expect(deployment.hub.isReady && edge.isReady)

      edge.process?.signal(SIGTERM)
      #expect(try edge.process?.waitForEnd(within: endLimit) == .exited(0))
      deployment.hub.process?.signal(SIGTERM)
      #expect(try deployment.hub.process?.waitForEnd(within: endLimit) == .exited(0))
    }

    @Test("Full from the start: hub and edge listen, are ready, stream, and exit with 0 on SIGTERM")
    func full() throws {
      try Self.deployed(isFull: true) { deployment, _, _ in
        #expect(try deployment.hub.metrics()["emojitrack_hub" + Self.metric] == 0)
        #expect(try deployment.edges[0].metrics()["emojitrack_edge" + Self.metric] == 0)
        try Self.expectHealth(deployment)
      }
    }

    /// Makes a process log until lines are dropped, reads its pipe, and checks that one line gives their number.
    private static func expectNotice(
      _ pipe: UnreadPipe, dropped: () throws -> Double?, _ log: () throws -> Void
    ) throws {
      try wait(for: "a dropped line", within: .seconds(60)) {
        try log()
        return try dropped() ?? 0 > 0
      }
      for _ in 1...3 { try log() }
      let count = Int(try dropped() ?? 0)
      #expect(count > 3)
      let text = pipe.read(untilSilentFor: 1_000)
      let notices = text.split(separator: "\n").filter { $0.contains("log lines were dropped") }
      #expect(notices.count == 1)
      #expect(notices.first?.contains("\(count) log lines were dropped") == true, "\(count): \(notices)")
      // From now on no line is missing.
      try log()
      #expect(!pipe.read().isEmpty)
      #expect(try dropped() == Double(count))
    }

    @Test(
      "A pipe that fills later: both continue, count dropped lines, and report them once when it is read again"
    )
    func filling() throws {
      let file = try TestRun.shared().newFolder().appending(path: "edge.json")
      try Data("{}".utf8).write(to: file)
      try Self.deployed(isFull: false, edgeFlags: ["--config", file.path]) { deployment, hubPipe, edgePipe in
        let (hub, edge) = (deployment.hub, deployment.edges[0])
        // An unknown path counts as an attempt to change something, and so is logged.
        let path = "/" + String(repeating: "x", count: 4_000)
        try Self.expectNotice(hubPipe, dropped: { try hub.metrics()["emojitrack_hub" + Self.metric] }) {
          for _ in 1...10 { _ = try hub.ask("POST", path, body: "{}") }
        }
        // An unreadable configuration is logged as an error at each reload.
        try Data("{\"retry\": \"\(String(repeating: "y", count: 1_000))\"}".utf8).write(to: file)
        try Self.expectNotice(edgePipe, dropped: { try edge.metrics()["emojitrack_edge" + Self.metric] }) {
          for _ in 1...10 {
            let answer = try hub.ask("POST", "/admin/edges/edge-1/reload", body: "{}")
            #expect(answer.status != 200)
          }
        }
        try Self.expectHealth(deployment)
      }
    }

    @Test("The feeder writes all its tweets, and ends")
    func feeder() throws {
      let folder = try TestRun.shared().newFolder()
      let redis = try RedisServer(in: folder)
      let pipe = UnreadPipe()
      let feeder = try ChildProcess(
        "feeder", TestRun.binary("emojitrack-feeder"), ["--rate", "1000", "--count", "500"],
        environment: ["REDIS_URL": redis.url], log: folder.appending(path: "feeder.log").path,
        descriptors: [STDERR_FILENO: pipe.writing])
      #expect(try feeder.waitForEnd() == .exited(0))
      #expect(try redis.client().totals().values.reduce(0, +) == 500)
    }

    @Test(
      "A mistake ends the start with its status, although the message is not read",
      arguments: ["emojitrack-hub", "emojitrack-edge", "emojitrack-feeder"])
    func mistake(_ program: String) throws {
      let folder = try TestRun.shared().newFolder()
      let pipe = UnreadPipe()
      let process = try ChildProcess(
        program, TestRun.binary(program), ["--nonsense"], log: folder.appending(path: "output").path,
        descriptors: [STDERR_FILENO: pipe.writing])
      #expect(try process.waitForEnd(within: Self.endLimit) == .exited(64))
      // An error in the body of the program is logged, and has its moment too.
      let hub = try ChildProcess(
        program, TestRun.binary("emojitrack-hub"),
        ["--tls-certificate", "/none", "--tls-key", "/none", "--tls-authority", "/none"],
        log: folder.appending(path: "hub").path, descriptors: [STDERR_FILENO: pipe.writing])
      #expect(try hub.waitForEnd(within: Self.endLimit) == .exited(78))
    }

    @Test(
      "A check waits until its report, its only purpose, is read, and signals end it meanwhile")
    func check() throws {
      let folder = try TestRun.shared().newFolder()
      let pipe = UnreadPipe()
      func check() throws -> ChildProcess {
        try ChildProcess(
          "check", TestRun.binary("emojitrack-hub"), ["check", "--tick", "5h"],
          log: folder.appending(path: "output").path, descriptors: [STDOUT_FILENO: pipe.writing],
          blocksSignals: false)
      }
      let interrupted = try check()
      letPass(.milliseconds(500))
      #expect(interrupted.poll() == nil)
      interrupted.signal(SIGTERM)
      #expect(try interrupted.waitForEnd() == .killed(by: SIGTERM))

      let read = try check()
      letPass(.milliseconds(500))
      #expect(pipe.read(untilSilentFor: 500).drop { $0 == "." }.hasPrefix("fail  configuration: "))
      #expect(try read.waitForEnd() == .exited(1))
    }
  }
}
