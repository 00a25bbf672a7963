import Foundation
import Primitives
import Reactor
import TestSupport
import Testing

extension IntegrationTests {
  /// All faults of all parts, at random and at once, for `EMOJITRACK_CHAOS` seconds each; some seconds in the gate.
  @Suite("At random and at once")
  struct ChaosTests {
    private static let duration = ProcessInfo.processInfo.environment["EMOJITRACK_CHAOS"].flatMap(Int.init)
    /// By how much the faults are rarer than usual. At 1 each part fails every few seconds, so that often no process
    /// is left that remembers.
    private static let calmness =
      ProcessInfo.processInfo.environment["EMOJITRACK_CHAOS_CALMNESS"].flatMap(Int.init) ?? 1
    private static let durable = ["--appendonly", "yes", "--appendfsync", "always"]

    private func options() -> LossTrial.Options {
      var options = LossTrial.Options()
      options.hubCount = 2
      options.isRelayed = true
      options.drains = true
      options.hasPlainClients = false
      options.hubFlags = ["--fence-interval", "2s"]
      options.rate = 600
      options.crowd = Self.duration == nil ? 1 : 7
      return options
    }

    @Test(
      "With a feeder that writes in one step, no client learns that its sums are void",
      .enabled(if: duration != nil))
    func atomic() throws {
      var options = options()
      options.redisFlags = Self.durable
      try run("one step", options)
    }

    @Test(
      "With feeders of two commands, in any order, no new lineage begins, and excess is taken back",
      arguments: [TweetFeed.Steps.mixed] + (duration == nil ? [] : [.totalFirst, .messageFirst]))
    func twoCommands(steps: TweetFeed.Steps) throws {
      var options = options()
      options.redisFlags = Self.durable
      options.steps = steps
      try run("\(steps)", options)
    }

    @Test("A Redis that returns older, or empty, costs one reset for each loss", arguments: [true, false])
    func lossy(older: Bool) throws {
      var options = options()
      options.losesData = true
      try run(older ? "older" : "empty", options, savesData: older)
    }

    private func run(_ name: String, _ options: LossTrial.Options, savesData: Bool = false) throws {
      try LossTrial.run("chaos, \(name)", options) { trial, _ in
        let seconds = Self.duration ?? 5
        try FaultInjector.run(
          mischiefs(trial, options, savesData: savesData, isShort: Self.duration == nil),
          for: .seconds(seconds),
          using: &trial.random)
        for hub in trial.hubs { try hub.waitUntilReady() }
        for edge in trial.edges {
          // A hub that was away could not say so to the edge.
          try wait(for: "\(edge.name) to accept again", within: .seconds(30)) {
            undrain(edge, trial)
            return edge.isReady
          }
        }
        if options.losesData { print("chaos: \(name): Redis lost something \(trial.losses) times") }
      }
    }

    /// Through both hubs, because one may be away, or may not know the edge at present.
    private func undrain(_ edge: EdgeNode, _ trial: LossTrial) {
      for hub in trial.hubs {
        _ = try? hub.ask("POST", "/admin/edges/\(edge.name)/undrain", body: "{}")
      }
    }

    /// On a thread of its own, because a stopped hub answers only when it continues.
    private func tell(
      _ edge: EdgeNode, _ deed: String, _ body: String, by hubs: [SocketAddress], times: Int
    ) {
      let path = "/admin/edges/\(edge.name)/\(deed)"
      for hub in hubs {
        Thread.detachNewThread {
          for _ in 0..<times {
            let answer = try? HTTPClient.request("POST", path, by: Approach(address: hub), body: body)
            if answer?.status == 200 { return }
            letPass(.milliseconds(250))
          }
        }
      }
    }

    private func peace(_ range: ClosedRange<Int>) -> ClosedRange<Int> {
      range.lowerBound * Self.calmness...range.upperBound * Self.calmness
    }

    private func mischiefs(
      _ trial: LossTrial, _ options: LossTrial.Options, savesData: Bool, isShort: Bool
    ) -> [FaultInjector] {
      var choices = SeededGenerator(seed: trial.random.next())
      let redis = trial.redis
      // In a short run all faults happen soon.
      let calm = isShort ? 1_000...2_500 : 2_000...9_000
      var mischiefs = [
        FaultInjector(
          peace: peace(options.losesData ? calm.lowerBound * 2...calm.upperBound * 3 : calm),
          trouble: 0...1_500
        ) {
          if options.losesData {
            trial.losses += 1
            redis.stop()
          } else if Bool.random(using: &choices) {
            try redis.shutDown()
          } else {
            redis.stop()
          }
        } mend: {
          try redis.start()
        },
        FaultInjector(peace: peace(1_000...4_000)) {
          _ = try? redis.client().command("CLIENT", "KILL", "TYPE", "pubsub")
        },
      ]
      if savesData {
        mischiefs.append(FaultInjector(peace: peace(500...3_000)) { _ = try? redis.client().command("SAVE") })
      }
      for hub in trial.hubs {
        mischiefs += [
          FaultInjector(peace: peace(calm), trouble: 0...1_500, begin: hub.kill) { try hub.start() },
          FaultInjector(peace: peace(4_000...12_000), trouble: 50...2_500) {
            hub.process?.signal(SIGSTOP)
          } mend: {
            hub.process?.signal(SIGCONT)
          },
        ]
      }
      for edge in trial.edges {
        mischiefs += [
          FaultInjector(peace: peace(3_000...12_000), trouble: 0...1_500, begin: edge.kill) {
            try edge.start()
          },
          FaultInjector(peace: peace(5_000...20_000), trouble: 500...2_000) {
            tell(edge, "drain", #"{"announce":0,"window":1}"#, by: [try trial.hubs[1].adminAddress], times: 1)
          } mend: {
            tell(edge, "undrain", "{}", by: try trial.hubs.map { try $0.adminAddress }, times: 20)
          },
        ]
      }
      for relay in trial.relays {
        mischiefs.append(
          FaultInjector(peace: peace(1_000...6_000), trouble: 100...3_000) {
            relay.enter(Bool.random(using: &choices) ? .severed : .silent)
          } mend: {
            relay.enter(.whole)
          })
      }
      return mischiefs
    }
  }
}
