import Foundation
import Primitives
import TestSupport
import Testing

extension IntegrationTests {
  /// Each test is short unless `EMOJITRACK_MINUTE=1`; `EMOJITRACK_SEED` repeats the choices of one run.
  @Suite("Nothing is lost or doubled at 1,200 updates a second")
  struct LossTests {
    /// How Redis is restarted with its data.
    private static let durable = ["--appendonly", "yes", "--appendfsync", "always"]

    @Test("Clients come and go, without any fault: no reset, no second snapshot")
    func peace() throws {
      let records = try LossTrial.run("peace") { trial, _ in
        trial.rest(LossTrial.isFull ? 20_000...20_000 : 2_000...2_000)
      }
      expectNoReset(records)
    }

    @Test("A hub is killed 5 times (2 unless EMOJITRACK_MINUTE=1)")
    func hubKilled() throws {
      try LossTrial.run("hub killed") { trial, _ in
        for _ in 1...(LossTrial.isFull ? 5 : 2) {
          trial.hubs[0].kill()
          trial.rest(0...800)
          try trial.hubs[0].start()
          try trial.waitUntilWhole()
          trial.rest(200...1_000)
        }
      }
    }

    @Test(
      "An edge is killed 5 times (2 unless EMOJITRACK_MINUTE=1): its clients resume at the other one")
    func edgeKilled() throws {
      var options = LossTrial.Options()
      options.hasPlainClients = false
      let records = try LossTrial.run("edge killed", options) { trial, _ in
        for round in 1...(LossTrial.isFull ? 5 : 2) {
          let edge = trial.edges[round % 2]
          edge.kill()
          trial.rest(0...800)
          try edge.start()
          try trial.waitUntilWhole()
          trial.rest(200...1_000)
        }
      }
      expectNoReset(records)
    }

    @Test(
      "Both edges are killed 5 times (2 unless EMOJITRACK_MINUTE=1): the new ones query the hub"
    )
    func allEdgesKilled() throws {
      var options = LossTrial.Options()
      options.hasPlainClients = false
      let records = try LossTrial.run("both edges killed", options) { trial, _ in
        for _ in 1...(LossTrial.isFull ? 5 : 2) {
          for edge in trial.edges { edge.kill() }
          trial.rest(0...800)
          for edge in trial.edges { try edge.start() }
          try trial.waitUntilWhole()
          trial.rest(200...1_000)
        }
      }
      expectNoReset(records)
    }

    @Test("Redis is restarted with its data 3 times (2 unless EMOJITRACK_MINUTE=1)")
    func redisRestarted() throws {
      var options = LossTrial.Options()
      options.redisFlags = Self.durable
      try LossTrial.run("redis restarted", options) { trial, _ in
        for round in 1...(LossTrial.isFull ? 3 : 2) {
          if round % 2 == 0 { try trial.redis.shutDown() } else { trial.redis.stop() }
          trial.rest(0...800)
          try trial.redis.start()
          try trial.waitUntilWhole()
          trial.rest(200...1_000)
        }
      }
    }

    @Test("A link is cut, and one falls silent, for 20 s each (2 s unless EMOJITRACK_MINUTE=1)")
    func linkCut() throws {
      var options = LossTrial.Options()
      options.isRelayed = true
      try LossTrial.run("link cut", options) { trial, _ in
        let time = LossTrial.isFull ? 20_000 : 2_000
        for (relay, state) in zip(trial.relays, [LinkRelay.State.severed, .silent]) {
          relay.enter(state)
          trial.rest(time...time)
          relay.enter(.whole)
          try trial.waitUntilWhole()
        }
      }
    }

    @Test("Redis kills subscriptions 20 times (5 unless EMOJITRACK_MINUTE=1)")
    func subscriptionKilled() throws {
      try LossTrial.run("subscription killed") { trial, _ in
        let redis = try trial.redis.client()
        for _ in 1...(LossTrial.isFull ? 20 : 5) {
          try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
          trial.rest(0...600)
        }
      }
    }

    @Test("All of these faults at once for 2 minutes (6 s unless EMOJITRACK_MINUTE=1)")
    func everything() throws {
      var options = LossTrial.Options()
      options.redisFlags = Self.durable
      options.isRelayed = true
      options.hasPlainClients = false
      try LossTrial.run("all at once", options) { trial, _ in
        var choices = SeededGenerator(seed: trial.random.next())
        let redis = trial.redis
        var mischiefs = [
          FaultInjector(peace: 2_000...8_000, trouble: 0...1_500) {
            if Bool.random(using: &choices) { try redis.shutDown() } else { redis.stop() }
          } mend: {
            try redis.start()
          },
          FaultInjector(peace: 300...3_000) {
            // Redis may be away.
            _ = try? redis.client().command("CLIENT", "KILL", "TYPE", "pubsub")
          },
        ]
        for hub in trial.hubs {
          mischiefs += harm(kill: hub.kill, start: { try hub.start() }) { hub.process }
        }
        for edge in trial.edges {
          mischiefs += harm(kill: edge.kill, start: { try edge.start() }) { edge.process }
        }
        for relay in trial.relays {
          mischiefs.append(
            FaultInjector(peace: 1_000...6_000, trouble: 100...3_000) {
              relay.enter(Bool.random(using: &choices) ? .severed : .silent)
            } mend: {
              relay.enter(.whole)
            })
        }
        try FaultInjector.run(mischiefs, for: .seconds(LossTrial.isFull ? 120 : 6), using: &trial.random)
      }
    }

    /// Kills a process and restarts it, or stops it and lets it continue.
    private func harm(
      kill: @escaping () -> Void, start: @escaping () throws -> Void, process: @escaping () -> ChildProcess?
    ) -> [FaultInjector] {
      [
        FaultInjector(peace: 1_000...6_000, trouble: 0...1_500, begin: kill, mend: start),
        FaultInjector(peace: 3_000...9_000, trouble: 50...2_500) {
          process()?.signal(SIGSTOP)
        } mend: {
          process()?.signal(SIGCONT)
        },
      ]
    }

    /// If a hub was running all the time, it knows what any client missed, so no client starts over.
    private func expectNoReset(_ records: [SummingClients.Record]) {
      for record in records where record.ledger.form == .resuming {
        #expect(record.ledger.resets == [:])
        #expect(record.ledger.snapshotCount == 1)
      }
    }
  }
}
